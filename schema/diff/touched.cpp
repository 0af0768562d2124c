#include "schema/diff/touched.hpp"

#include <algorithm>

#include "core/catalog/search_path.hpp"
#include "core/sql/access.hpp"
#include "core/sql/named_columns.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::schema {
namespace {

/// Of a chain of views.
constexpr std::size_t kMaxViews = 10'000;

}  // namespace

TouchFinder::TouchFinder(const catalog::Snapshot& snapshot) : snapshot_(snapshot) {
    for (const catalog::SchemaObject& object : snapshot.objects) {
        const catalog::ObjectIdentity& identity = object.identity;
        if (identity.kind != "relation" && identity.kind != "sequence") continue;
        by_name_[identity.name].emplace_back(identity.schema, identity.name);
        const auto columns = object.list("columns");
        columns_[{identity.schema, identity.name}].insert(columns.begin(), columns.end());
    }
    for (const catalog::SchemaObject& object : snapshot.objects) {
        if (object.identity.kind != "relation" || object.property("definition") == nullptr) continue;
        // Definitions name the schema of everything that is not PostgreSQL's own.
        views_[{object.identity.schema, object.identity.name}] = direct(object.text("definition"), {});
    }
}

const RelationName* TouchFinder::resolve(BytesView schema, BytesView name,
                                         const std::vector<Bytes>& search_path) const {
    const auto found = by_name_.find(Bytes(name));
    if (found == by_name_.end()) return nullptr;
    const auto in = [&](BytesView of) -> const RelationName* {
        const auto at = std::find_if(found->second.begin(), found->second.end(),
                                     [&](const RelationName& relation) { return relation.first == of; });
        return at == found->second.end() ? nullptr : &*at;
    };
    if (!schema.empty()) return in(schema);
    for (const Bytes& of : search_path) {
        if (const RelationName* relation = in(of)) return relation;
    }
    return nullptr;
}

std::vector<Bytes> TouchFinder::default_path(const Bytes& user) const {
    // PostgreSQL docs, ALTER ROLE: the setting of a role in this database comes first.
    const std::pair<const char*, Bytes> places[] = {
        {"setting", user}, {"setting of all databases", user}, {"setting", {}}, {"setting of all databases", {}}};
    for (const auto& [kind, role] : places) {
        const auto* setting = snapshot_.find({kind, {}, role, "search_path"});
        if (setting != nullptr) return catalog::schemas_of(setting->text("value"), user);
    }
    return {user, "public"};
}

StatementTouches TouchFinder::direct(BytesView sql, const std::vector<Bytes>& search_path) const {
    StatementTouches touches;
    const auto accesses = sql::statement_accesses(sql);
    const auto columns = sql::named_columns(sql);
    if (!accesses || !columns) return touches;
    touches.parsed = true;
    for (const sql::StatementAccess& statement : *accesses) {
        for (const sql::RelationAccess& access : statement.relations) {
            const RelationName* relation = resolve(access.schema, access.name, search_path);
            if (relation == nullptr) continue;
            RelationTouch& touch = touches.relations[*relation];
            const bool reads = access.kind == sql::AccessKind::read || access.kind == sql::AccessKind::lock;
            touch.written = touch.written || !reads;
            touch.inserted = touch.inserted || access.kind == sql::AccessKind::insert;
        }
    }
    for (const sql::NamedColumn& named : *columns) {
        const RelationName* of = named.table.empty() ? nullptr : resolve(named.schema, named.table, search_path);
        if (!named.table.empty() && of == nullptr) continue;
        for (auto& [relation, touch] : touches.relations) {
            if (of != nullptr && relation != *of) continue;
            if (named.column.empty()) {
                touch.all_columns = true;
            } else if (columns_.at(relation).contains(named.column)) {
                touch.columns.insert(named.column);
                if (named.written) touch.written_columns.insert(named.column);
            }
        }
    }
    for (const Bytes& function : sql::traits(sql).functions)
        touches.functions.insert(function.substr(function.rfind('.') + 1));
    return touches;
}

void TouchFinder::look_behind_views(StatementTouches& touches) const {
    std::vector<RelationName> open;
    for (const auto& [relation, touch] : touches.relations) open.push_back(relation);
    std::set<RelationName> seen(open.begin(), open.end());
    while (!open.empty() && seen.size() < kMaxViews) {
        const RelationName view = open.back();
        open.pop_back();
        const auto query = views_.find(view);
        if (query == views_.end()) continue;
        const bool written = touches.relations[view].written;
        for (const auto& [relation, touch] : query->second.relations) {
            RelationTouch& behind = touches.relations[relation];
            behind.written = behind.written || written;
            behind.inserted = behind.inserted || touches.relations[view].inserted;
            behind.all_columns = behind.all_columns || touch.all_columns;
            behind.columns.insert(touch.columns.begin(), touch.columns.end());
            if (seen.insert(relation).second) open.push_back(relation);
        }
        touches.functions.insert(query->second.functions.begin(), query->second.functions.end());
    }
}

StatementTouches TouchFinder::touches(BytesView sql, const std::vector<Bytes>& search_path) const {
    StatementTouches touches = direct(sql, search_path);
    look_behind_views(touches);
    return touches;
}

}  // namespace understudy::schema
