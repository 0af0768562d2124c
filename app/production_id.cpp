#include "app/production_id.hpp"

#include <fmt/format.h>

#include "core/catalog/target_marker.hpp"

namespace understudy::app {

Result<ProductionId> parse_production_id(const std::string& text) {
    ProductionId id;
    id.none = text == "none";
    if (text.empty() || id.none) return id;
    id.identifier = catalog::parse_system_identifier(text);
    if (id.identifier) return id;
    return make_error(Errc::usage,
                      fmt::format("--production-id takes a system identifier (select system_identifier from "
                                  "pg_control_system()) or none, not '{}'",
                                  text));
}

}  // namespace understudy::app
