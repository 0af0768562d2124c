#include "core/sql/statement_options.hpp"

#include <algorithm>

#include "core/sql/place_walk.hpp"

namespace understudy::sql {

bool option_is_on(const nlohmann::json& body, BytesView name) {
    const auto& options = member(body, "options");
    return std::any_of(options.begin(), options.end(), [&](const nlohmann::json& wrapper) {
        const auto* option = body_of(wrapper, "DefElem");
        if (option == nullptr || text_member(*option, "defname") != name) return false;
        const auto& value = member(*option, "arg");
        if (const auto* number = body_of(value, "Integer")) return number->contains("ival");
        const Bytes word = string_node(value);
        return word != "false" && word != "off";
    });
}

}  // namespace understudy::sql
