#include "app/process/target_for_child.hpp"

#include "core/catalog/conninfo_parts.hpp"

namespace understudy::app {

Result<TargetForChild> target_for_child(const std::string& conninfo) {
    UNDERSTUDY_TRY(const auto parts, catalog::conninfo_with_database(conninfo, ""));
    TargetForChild target;
    target.conninfo = parts.keywords;
    target.environment = {{"UNDERSTUDY_TARGET", parts.keywords}, {"DATABASE_URL", parts.url}};
    if (!parts.password.empty()) target.environment.emplace_back("PGPASSWORD", parts.password);
    return target;
}

}  // namespace understudy::app
