#include "schema/diff/touched.hpp"

#include <algorithm>

#include "core/catalog/search_path.hpp"
#include "core/sql/access.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/named_columns.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::schema {
namespace {

/// Of a chain of views.
constexpr std::size_t kMaxViews = 10'000;

/// The privileges that a kind of access takes (docs, "Privileges" and SELECT: FOR UPDATE needs UPDATE, too).
BytesView letters_of(sql::AccessKind kind, BytesView statement) {
    switch (kind) {
        case sql::AccessKind::read: return "r";
        case sql::AccessKind::lock: return "rw";
        case sql::AccessKind::insert: return "a";
        case sql::AccessKind::update: return "w";
        case sql::AccessKind::delete_: return "d";
        case sql::AccessKind::whole: return sql::first_word(statement) == "truncate" ? "D" : "w";  // LOCK
    }
    return "";
}

void add_column(const sql::NamedColumn& named, RelationTouch& touch, const std::set<Bytes>& of) {
    PrivilegeUse& use = touch.uses[{}];
    if (named.column.empty()) {
        touch.all_columns = use.all_columns = true;
    } else if (of.contains(named.column)) {
        touch.columns.insert(named.column);
        if (named.written) touch.written_columns.insert(named.column);
        (named.written ? use.written : use.read).insert(named.column);
    } else {
        return;
    }
    if (!named.written) use.letters.insert('r');  // also UPDATE … WHERE and RETURNING
}

}  // namespace

void PrivilegeUse::add(const PrivilegeUse& other) {
    letters.insert(other.letters.begin(), other.letters.end());
    read.insert(other.read.begin(), other.read.end());
    written.insert(other.written.begin(), other.written.end());
    all_columns = all_columns || other.all_columns;
}

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
            const BytesView text = sql.substr(statement.begin, statement.end - statement.begin);
            const BytesView letters = letters_of(access.kind, text);
            touch.uses[{}].letters.insert(letters.begin(), letters.end());
        }
    }
    for (const sql::NamedColumn& named : *columns) {
        const RelationName* of = named.table.empty() ? nullptr : resolve(named.schema, named.table, search_path);
        if (!named.table.empty() && of == nullptr) continue;
        for (auto& [relation, touch] : touches.relations) {
            if (of != nullptr && relation != *of) continue;
            add_column(named, touch, columns_.at(relation));
        }
    }
    for (const Bytes& function : sql::traits(sql).functions)
        touches.functions.insert(function.substr(function.rfind('.') + 1));
    return touches;
}

/// By whose privileges a view reads what stands behind it (docs, CREATE VIEW): its owner's, or the user's.
Bytes TouchFinder::reader_of(const RelationName& view, const Bytes& user) const {
    const auto* object = snapshot_.find({"relation", view.first, {}, view.second});
    if (object == nullptr) return user;
    for (const Bytes& option : object->list("options")) {
        const BytesView name = "security_invoker=";
        if (!option.starts_with(name)) continue;
        const BytesView value = BytesView(option).substr(name.size());
        if (value == "true" || value == "on" || value == "yes" || value == "1") return user;
    }
    return object->text("owner");
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
        std::set<Bytes> readers;
        PrivilegeUse through;  // what the view itself is used for
        for (const auto& [user, use] : touches.relations[view].uses) {
            readers.insert(reader_of(view, user));
            through.letters.insert(use.letters.begin(), use.letters.end());
        }
        for (const auto& [relation, touch] : query->second.relations) {
            RelationTouch& behind = touches.relations[relation];
            behind.written = behind.written || written;
            behind.inserted = behind.inserted || touches.relations[view].inserted;
            behind.all_columns = behind.all_columns || touch.all_columns;
            behind.columns.insert(touch.columns.begin(), touch.columns.end());
            PrivilegeUse use = through;
            if (const auto own = touch.uses.find({}); own != touch.uses.end()) use.add(own->second);
            for (const Bytes& reader : readers) behind.uses[reader].add(use);
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
