#include "core/sql/output_origins.hpp"

#include "core/sql/access_walk.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {

std::optional<std::vector<ColumnOrigin>> output_origins(BytesView query) {
    const auto tree = parse_tree_with_places(query);
    if (!tree || (*tree)["stmts"].size() != 1) return std::nullopt;
    StatementAccess access;
    const ColumnLookup unknown;
    return AccessWalk(query, unknown, access).walk_outputs(member((*tree)["stmts"][0], "stmt"));
}

}  // namespace understudy::sql
