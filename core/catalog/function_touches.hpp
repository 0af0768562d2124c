#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/catalog/catalog.hpp"
#include "core/sql/function_body.hpp"

namespace understudy::catalog {

/// What is known of one function's body.
struct FunctionBody {
    std::uint32_t function = 0;  ///< its OID
    /// Its own setting, the schemas in their order; nothing if it has none and runs with its caller's.
    std::optional<std::vector<Bytes>> search_path;
    std::optional<sql::BodyAccess> access;  ///< nothing: it cannot be told
};

/// More relations than these many: what a function touches counts as not known.
inline constexpr std::size_t kMaxTouches = 1000;

/// Fills in `touches` and `touches_known` of the catalogue's functions: what a body names, and what the user functions
/// that it calls touch (of an overloaded name, all of them). Immutable functions of other languages touch nothing.
void fill_touches(Catalog& catalog, const std::vector<FunctionBody>& bodies);

/// The schemas of a search_path setting: `public, "My Schema"`.
std::vector<Bytes> schemas_of_search_path(BytesView setting);

}  // namespace understudy::catalog
