#pragma once

#include <string>
#include <string_view>

#include "compare/part/comparison_part.hpp"

namespace understudy::compare {

inline constexpr std::size_t kMaxPartBytes = 512U << 20U;

/// A part as JSON, for a file: version, parts, and every count that the judgement needs. It holds examples with values
/// of the database: it is for the eyes of those who may see the captures. docs/report.md, "Parts".
std::string to_text(const ComparisonPart& part);
/// Reads it. Errors: Errc::malformed for what is no part, Errc::unsupported for one of a newer version.
Result<ComparisonPart> parse_part(std::string_view text);

}  // namespace understudy::compare
