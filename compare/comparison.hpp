#pragma once

#include <optional>

#include "compare/event_source.hpp"
#include "compare/part/comparison_part.hpp"
#include "compare/report/report.hpp"

namespace understudy::compare {

/// Borrowed; baseline and candidate are needed, control and confirmation may be nullptr.
using Inputs = PerSide<EventSource*>;

struct ComparisonOptions {
    ReportOptions report;
    SessionPart part;  ///< only these sessions are compared
    std::size_t memory_limit = 0;  ///< of exchanges that wait for their partners, in bytes; 0: Pairing's default
};

/// Reads the captures side by side, so that they progress alike, and compares the part's sessions. Memory does not grow
/// with their length. Errors: Errc::inconclusive when their digests have different keys; what a source fails with.
Result<ComparisonPart> compare_part(const Inputs& inputs, const ComparisonOptions& options);
/// Compares all sessions, and judges them.
Result<Report> compare_captures(const Inputs& inputs, const ComparisonOptions& options);

}  // namespace understudy::compare
