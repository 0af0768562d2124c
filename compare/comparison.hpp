#pragma once

#include <optional>

#include "compare/report/report.hpp"

namespace understudy::compare {

/// A capture's events, from the front; core/store's reader behind it, or a test's vector.
class EventSource {
public:
    virtual ~EventSource() = default;
    [[nodiscard]] virtual const CaptureHeader& header() const = 0;
    [[nodiscard]] virtual std::string name() const = 0;
    /// An event, nothing at the end, or an error (Errc::io …) that ends the comparison.
    virtual Result<std::optional<Event>> next() = 0;
    /// Known once the end is reached.
    [[nodiscard]] virtual store::Damage damage() const = 0;
};

/// Borrowed; baseline and candidate are needed, control and confirmation may be nullptr.
using Inputs = PerSide<EventSource*>;

struct ComparisonOptions {
    ReportOptions report;
    std::size_t memory_limit = 0;  ///< of exchanges that wait for their partners, in bytes; 0: Pairing's default
};

/// Reads the captures side by side, so that they progress alike, and judges them. Memory does not grow with their
/// length. Errors: Errc::inconclusive when their digests have different keys; what a source fails with.
Result<Report> compare_captures(const Inputs& inputs, const ComparisonOptions& options);

}  // namespace understudy::compare
