#include "core/catalog/function_volatility.hpp"

#include <algorithm>

namespace understudy::catalog {
namespace {

Bytes lower(BytesView text) {
    Bytes out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

}  // namespace

void FunctionVolatility::add(BytesView schema, BytesView name, bool is_volatile) {
    Volatility volatility = Volatility::settled;
    if (is_volatile) volatility = schema == "pg_catalog" ? Volatility::built_in_volatile : Volatility::user_volatile;
    raise(lower(name), volatility);
    raise(lower(schema) + "." + lower(name), volatility);
}

void FunctionVolatility::raise(Bytes&& name, Volatility volatility) {
    Volatility& known = functions_.try_emplace(std::move(name), Volatility::unknown).first->second;
    known = std::max(known, volatility);
}

Volatility FunctionVolatility::of(BytesView name) const {
    const auto found = functions_.find(Bytes(name));
    return found == functions_.end() ? Volatility::unknown : found->second;
}

}  // namespace understudy::catalog
