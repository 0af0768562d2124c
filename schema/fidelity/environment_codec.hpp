#pragma once

#include <string>

#include "core/base/error.hpp"
#include "schema/fidelity/environment.hpp"

namespace understudy::schema::fidelity {

inline constexpr int kEnvironmentFormat = 1;
/// Of what stands before the schema, which has core/catalog's own limit.
inline constexpr std::size_t kMaxEnvironmentBytes = std::size_t{64} << 20U;

/// The file that `fidelity snapshot` writes: two JSON objects one after the other, as jq reads them: the facts, then
/// the schema's snapshot (core/catalog's format). docs/staging.md describes it. The same environment gives the same
/// text.
std::string to_json(const Environment& environment);

/// Errors: Errc::malformed for what to_json() has not written; Errc::unsupported for a file of a newer format;
/// Errc::limit.
Result<Environment> parse_environment(BytesView text);

}  // namespace understudy::schema::fidelity
