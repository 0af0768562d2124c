#include "core/sql/access.hpp"

#include <algorithm>
#include <tuple>

#include "core/sql/access_walk.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"
#include "core/sql/statement_names.hpp"

namespace understudy::sql {
namespace {

void tidy(std::vector<ValueTie>& ties) {
    const auto key = [](const ValueTie& t) {
        return std::tie(t.value.offset, t.schema, t.table, t.column, t.position, t.use);
    };
    std::sort(ties.begin(), ties.end(), [&](const ValueTie& a, const ValueTie& b) { return key(a) < key(b); });
    ties.erase(std::unique(ties.begin(), ties.end()), ties.end());
}

}  // namespace

std::optional<std::vector<StatementAccess>> statement_accesses(BytesView sql, const ColumnLookup& has_column) {
    const auto tree = parse_tree_with_places(sql);
    if (!tree) return std::nullopt;
    std::vector<StatementAccess> all;
    for (const auto& raw : (*tree)["stmts"]) {
        StatementAccess& access = all.emplace_back();
        const auto& location = member(raw, "stmt_location");
        const auto& length = member(raw, "stmt_len");
        access.begin = location.is_number_unsigned() ? location.get<std::size_t>() : 0;
        access.end = length.is_number_unsigned() ? access.begin + length.get<std::size_t>() : sql.size();
        const auto& statement = member(raw, "stmt");
        if (!statement.is_object() || statement.empty()) continue;
        const std::string& type = statement.begin().key();
        access.kind = kind_of_node(type);
        if (type == "CopyStmt" && statement.begin().value().contains("is_from")) access.kind = StatementKind::copy_in;
        AccessWalk(sql, has_column, access).walk(statement);
        tidy(access.ties);
    }
    return all;
}

}  // namespace understudy::sql
