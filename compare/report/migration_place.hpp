#pragma once

#include <optional>

#include "compare/report/report.hpp"

namespace understudy::compare {

/// The line, from 1, of the migration's statement that is most likely to blame: the first of those that name a
/// relation of the finding's statement and the most of what the difference is about (its column, what messages name).
/// Nothing when none names a relation of it. Pure, and by names alone: a hint, not a proof.
std::optional<std::uint32_t> line_to_blame(BytesView migration, const Finding& finding);

/// Fills in `migration` and the findings' lines.
void locate(Report& report, std::string file_name, BytesView migration);

}  // namespace understudy::compare
