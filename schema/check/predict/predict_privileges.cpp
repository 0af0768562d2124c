#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "schema/check/predict/predict_parts.hpp"

namespace understudy::schema {
namespace {

using Columns = std::set<Bytes>;

bool whole(const Columns& columns) { return columns.count("*") > 0; }

/// `needed`: the columns that the statement surely writes; empty: not known.
void lost(const AccessedRelation& touch, const char* privilege, const Columns& before, const Columns& after,
          const std::vector<Bytes>& needed, const Tell& tell) {
    if (before.empty() || whole(after) || before == after) return;
    const auto told = [&](Certainty certainty, Bytes object, const Bytes& what) {
        tell({kNoItem, certainty, Severity::breaks, "privilege", "42501", std::move(object),
              fmt::format("role \"{}\" may no longer {} {}, by the catalogues", touch.statement.user, privilege, what)});
    };
    if (after.empty()) return told(Certainty::likely, touch.object(), touch.object());
    Columns gone;
    if (whole(before)) {
        for (const ColumnFacts& column : touch.before.columns) gone.insert(column.name);
    } else {
        gone = before;
    }
    for (const Bytes& column : after) gone.erase(column);
    if (gone.empty()) return;
    for (const Bytes& column : gone) {
        const bool listed = std::find(needed.begin(), needed.end(), column) != needed.end();
        if (listed || (needed.empty() && mentions(touch.statement.sql, column)))
            return told(Certainty::likely, touch.object(column), fmt::format("column \"{}\"", column));
    }
    if (needed.empty())
        told(Certainty::possible, touch.object(), fmt::format("all columns of {}", touch.object()));
}

}  // namespace

void predict_privileges(const AccessedRelation& touch, const Tell& tell) {
    const auto was = touch.before.privileges.find(touch.statement.user);
    const auto is = touch.after.privileges.find(touch.statement.user);
    if (was == touch.before.privileges.end() || is == touch.after.privileges.end()) return;
    const RolePrivileges& before = was->second;
    const RolePrivileges& after = is->second;
    using enum sql::AccessKind;
    const sql::AccessKind kind = touch.access.kind;
    if (kind == insert) lost(touch, "INSERT into", before.insert, after.insert, touch.access.columns, tell);
    if (kind == update) lost(touch, "UPDATE", before.update, after.update, touch.access.sets, tell);
    if (kind == delete_) lost(touch, "DELETE from", before.delete_, after.delete_, {}, tell);
    if (kind == lock && !before.update.empty() && after.update.empty())
        lost(touch, "lock rows of", before.update, after.update, {}, tell);
    const bool looks = (kind == update || kind == delete_) && mentions(touch.statement.sql, "where");
    if (kind == read || kind == lock || looks || mentions(touch.statement.sql, "returning"))
        lost(touch, "SELECT from", before.select, after.select, {}, tell);
}

}  // namespace understudy::schema
