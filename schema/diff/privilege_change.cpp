#include "schema/diff/privilege_change.hpp"

#include <algorithm>

#include "core/catalog/snapshot/access_list.hpp"
#include "schema/diff/trigger_events.hpp"

namespace understudy::schema {
namespace {

using catalog::ObjectIdentity;
using catalog::SchemaObject;
using catalog::Snapshot;

const SchemaObject* relation_in(const Snapshot& side, const RelationName& relation) {
    for (const BytesView kind : {"relation", "sequence"}) {
        if (const auto* found = side.find({Bytes(kind), relation.first, {}, relation.second})) return found;
    }
    return nullptr;
}

/// Whether any of the roles has the privilege on the object, or by a predefined role (docs, "Predefined Roles").
bool has(const std::set<Bytes>& roles, const catalog::Grants& grants, char letter, BytesView kind) {
    if (kind == "relation" || kind == "sequence") {
        if (letter == 'r' && roles.contains("pg_read_all_data")) return true;
        if ((letter == 'a' || letter == 'w' || letter == 'd') && roles.contains("pg_write_all_data")) return true;
    }
    return std::any_of(roles.begin(), roles.end(),
                       [&](const Bytes& role) { return catalog::has_privilege(grants, role, letter); });
}

bool has_on_column(const Snapshot& side, const std::set<Bytes>& roles, const RelationName& relation,
                   const Bytes& column, char letter) {
    const auto* object = side.find({"column", relation.first, relation.second, column});
    if (object == nullptr || object->property("access") == nullptr) return false;
    return has(roles, catalog::grants_of(object->list("access")), letter, "column");
}

}  // namespace

PrivilegeChange::PrivilegeChange(const catalog::ObjectChange& change, const Snapshot& before, const Snapshot& after)
    : change_(change), before_(before), after_(after), old_roles_(before), new_roles_(after) {
    const Bytes& kind = change.identity.kind;
    const Bytes& property = change.property;
    const bool can_be_named =
        kind == "relation" || kind == "sequence" || kind == "column" || kind == "function" || kind == "schema";
    const SchemaObject* relation = before.find(change.identity);
    const bool reads_for_others = relation != nullptr && relation->property("definition") != nullptr;
    if (kind == "policy") {
        kind_ = Kind::policy;
    } else if (kind == "trigger") {
        kind_ = Kind::trigger;
    } else if (kind == "relation" && (property == "row security" || property == "row security forced")) {
        kind_ = Kind::row_security;
    } else if ((can_be_named && property == "access") ||
               (kind == "relation" && property == "owner" && !reads_for_others)) {
        kind_ = Kind::access;
    }
}

bool PrivilegeChange::known(const Bytes& role) const { return !role.empty() && old_roles_.knows(role); }

bool PrivilegeChange::allowed(const Snapshot& side, const Roles& roles, const Bytes& role, const RelationName& relation,
                              const PrivilegeUse& use, char letter) const {
    const SchemaObject* object = relation_in(side, relation);
    if (object == nullptr || roles.superuser(role)) return true;
    const auto& reach = roles.reach(role);
    if (has(reach, catalog::grants_on(object), letter, object->identity.kind)) return true;
    if (letter == 'd' || letter == 'D') return false;
    const std::set<Bytes>& named = letter == 'r' ? use.read : use.written;
    const auto all = object->list("columns");
    const auto granted = [&](const Bytes& column) { return has_on_column(side, reach, relation, column, letter); };
    if (use.all_columns) return !all.empty() && std::all_of(all.begin(), all.end(), granted);
    if (named.empty()) return std::any_of(all.begin(), all.end(), granted);  // count(*) needs any
    return std::all_of(named.begin(), named.end(), granted);
}

bool PrivilegeChange::loses(const Bytes& role, const RelationName& relation, const PrivilegeUse& use) const {
    const Roles& now = new_roles_.knows(role) ? new_roles_ : old_roles_;
    return std::any_of(use.letters.begin(), use.letters.end(), [&](char letter) {
        return allowed(before_, old_roles_, role, relation, use, letter) &&
               !allowed(after_, now, role, relation, use, letter);
    });
}

bool PrivilegeChange::subject_to_policies(const Bytes& role, const RelationName& relation) const {
    for (const auto& [side, roles] : {std::pair(&before_, &old_roles_), std::pair(&after_, &new_roles_)}) {
        const SchemaObject* table = relation_in(*side, relation);
        if (table == nullptr || table->property("row security") == nullptr) continue;
        const Roles& of = roles->knows(role) ? *roles : old_roles_;
        if (of.bypasses_row_security(role)) continue;
        const bool owner = of.reach(role).contains(table->text("owner"));
        if (!owner || table->property("row security forced") != nullptr) return true;
    }
    return false;
}

bool PrivilegeChange::policy_applies(const Bytes& role, const PrivilegeUse& use) const {
    for (const Snapshot* side : {&before_, &after_}) {
        const SchemaObject* policy = side->find(change_.identity);
        if (policy == nullptr) continue;
        const auto& reach = old_roles_.reach(role);
        const auto roles = policy->list("roles");
        const bool for_role = std::any_of(roles.begin(), roles.end(),
                                          [&](const Bytes& name) { return name == "public" || reach.contains(name); });
        const Bytes command = policy->text("command");
        const char letter = command == "select"   ? 'r'
                            : command == "insert" ? 'a'
                            : command == "update" ? 'w'
                            : command == "delete" ? 'd'
                                                  : '*';
        const bool any =
            letter == '*' && std::any_of(use.letters.begin(), use.letters.end(), [](char one) { return one != 'D'; });
        if (for_role && (any || use.letters.contains(letter))) return true;
    }
    return false;
}

bool PrivilegeChange::fires(const PrivilegeUse& use) const {
    for (const Snapshot* side : {&before_, &after_}) {
        const SchemaObject* trigger = side->find(change_.identity);
        if (trigger == nullptr) continue;
        const auto events = trigger_events(trigger->text("definition"));
        if (!events) return true;
        if ((events->insert && use.letters.contains('a')) || (events->remove && use.letters.contains('d')) ||
            (events->truncate && use.letters.contains('D')))
            return true;
        if (!events->update || !use.letters.contains('w')) continue;
        const auto& columns = events->update_of;
        const bool set = std::any_of(columns.begin(), columns.end(),
                                     [&](const Bytes& column) { return use.written.contains(column); });
        if (columns.empty() || use.written.empty() || use.all_columns || set) return true;
    }
    return false;
}

bool PrivilegeChange::felt(const Bytes& user, const RelationName& relation, const RelationTouch& touch) const {
    for (const auto& [reader, use] : touch.uses) {
        const Bytes& role = reader.empty() ? user : reader;
        if (kind_ == Kind::trigger) {
            if (fires(use)) return true;
            continue;
        }
        if (!known(role)) return true;
        const bool concerned = kind_ == Kind::policy ? subject_to_policies(role, relation) && policy_applies(role, use)
                               : kind_ == Kind::row_security       ? subject_to_policies(role, relation)
                               : change_.identity.kind == "schema" ? felt_by(role)
                                                                   : loses(role, relation, use);
        if (concerned) return true;
        // Row security is not for the owner.
        if (change_.property == "owner" && subject_to_policies(role, relation)) return true;
    }
    return false;
}

bool PrivilegeChange::felt_by(const Bytes& user) const {
    if (!known(user)) return true;
    const Roles& now = new_roles_.knows(user) ? new_roles_ : old_roles_;
    if (now.superuser(user)) return false;
    const char letter = change_.identity.kind == "function" ? 'X' : 'U';
    const BytesView kind = change_.identity.kind;
    return has(old_roles_.reach(user), catalog::grants_on(before_.find(change_.identity)), letter, kind) &&
           !has(now.reach(user), catalog::grants_on(after_.find(change_.identity)), letter, kind);
}

}  // namespace understudy::schema
