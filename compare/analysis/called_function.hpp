#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::compare {

/// A function's name without its schema: "now" of "pg_catalog.now".
inline BytesView unqualified(BytesView function) { return function.substr(function.rfind('.') + 1); }

/// Whether one of the functions, with or without a schema, is among `names`.
template <std::size_t N>
bool calls_one_of(const std::vector<Bytes>& functions, const std::array<BytesView, N>& names) {
    return std::any_of(functions.begin(), functions.end(), [&](const Bytes& function) {
        return std::find(names.begin(), names.end(), unqualified(function)) != names.end();
    });
}

}  // namespace understudy::compare
