#include "core/catalog/snapshot/schema_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/catalog/snapshot/change_rules.hpp"

namespace understudy::catalog {
namespace {

using Objects = std::vector<const SchemaObject*>;

/// Whose relation is new, or gone, too.
bool said_by_owner(const SchemaObject& object, const Snapshot& other) {
    const ObjectIdentity& identity = object.identity;
    if (identity.relation.empty() || identity.schema.empty() || identity.kind == "default privileges") return false;
    for (const BytesView owner : {"relation", "composite type", "domain"}) {
        if (other.find({Bytes(owner), identity.schema, {}, identity.relation}) != nullptr) return false;
    }
    return true;
}

/// Whose definition says it, too.
bool of_constraint(const SchemaObject& object) {
    return object.identity.kind == "index" && object.property("constraint") != nullptr;
}

/// An index that stands for a constraint, which is said itself when it is `other` on the two sides.
bool said_by_constraint(const SchemaObject& object, const Snapshot& own, const Snapshot& other) {
    if (!of_constraint(object)) return false;
    const ObjectIdentity constraint{"constraint", object.identity.schema, object.identity.relation,
                                    object.text("constraint")};
    return own.find(constraint) != nullptr && other.find(constraint) == nullptr;
}

PropertyList without(const PropertyList& items, const PropertyList& others) {
    const std::set<BytesView> known(others.begin(), others.end());
    PropertyList left;
    for (const Bytes& item : items) {
        if (!known.contains(item)) left.push_back(item);
    }
    return left;
}

/// Whether two definitions of a constraint differ in nothing but what "validated" and "enforced" say, too.
bool same_condition(Bytes a, Bytes b) {
    for (Bytes* definition : {&a, &b}) {
        for (const BytesView state : {" NOT VALID", " NOT ENFORCED"}) {
            if (definition->ends_with(state)) definition->resize(definition->size() - state.size());
        }
    }
    return a == b;
}

/// Its properties, but for a name that PostgreSQL made of the column's own.
std::vector<Property> without_made_name(const SchemaObject& column) {
    auto properties = column.properties;
    std::erase_if(properties, [](const Property& property) { return property.name == "not null constraint"; });
    return properties;
}

/// The short text of an object that is alone.
Bytes summary(const SchemaObject& object) {
    for (const BytesView name : {"definition", "type", "kind", "value", "version", "labels", "keys"}) {
        if (object.property(name) != nullptr) return object.text(name);
    }
    return {};
}

class Comparison {
public:
    Comparison(const Snapshot& before, const Snapshot& after) : before_(before), after_(after) {}

    std::vector<ObjectChange> run() {
        auto old = before_.objects.begin();
        auto now = after_.objects.begin();
        while (old != before_.objects.end() || now != after_.objects.end()) {
            if (now == after_.objects.end() || (old != before_.objects.end() && old->identity < now->identity)) {
                if (!said_by_owner(*old, after_) && !said_by_constraint(*old, before_, after_))
                    removed_.push_back(&*old);
                ++old;
            } else if (old == before_.objects.end() || now->identity < old->identity) {
                if (!said_by_owner(*now, before_) && !said_by_constraint(*now, after_, before_))
                    added_.push_back(&*now);
                ++now;
            } else {
                compare(*old++, *now++);
            }
        }
        alone();
        std::stable_sort(changes_.begin(), changes_.end(), [](const ObjectChange& a, const ObjectChange& b) {
            return std::tuple(a.worst(), std::tie(a.identity)) < std::tuple(b.worst(), std::tie(b.identity));
        });
        return std::move(changes_);
    }

private:
    void compare(const SchemaObject& old, const SchemaObject& now) {
        std::set<BytesView> names;
        for (const SchemaObject* side : {&old, &now}) {
            for (const Property& property : side->properties) names.insert(property.name);
        }
        for (const BytesView name : names) {
            const Property* was = old.property(name);
            const Property* is = now.property(name);
            if (was != nullptr && is != nullptr && *was == *is) continue;
            if ((name == "keys" || name == "unique" || name == "primary") && of_constraint(old) && of_constraint(now))
                continue;
            if (name == "definition" && old.identity.kind.ends_with("constraint") &&
                same_condition(old.text(name), now.text(name)))
                continue;
            ObjectChange change;
            change.identity = old.identity;
            change.property = name;
            change.before = old.text(name);
            change.after = now.text(name);
            if ((was != nullptr ? was : is)->value.index() == 1) {
                change.gone = without(old.list(name), now.list(name));
                change.come = without(now.list(name), old.list(name));
            }
            if (name == "columns" && old.identity.kind != "index") {
                // Those that are new or gone are said as columns.
                if (without(old.list(name), change.gone) == without(now.list(name), change.come)) continue;
                change.property = "column order";
            }
            finish(std::move(change), &old, &now);
        }
    }

    /// Whether what belongs to the two relations is the same.
    [[nodiscard]] bool same_columns(const SchemaObject& old, const SchemaObject& now) const {
        const auto parts = [](const Snapshot& side, const ObjectIdentity& of) {
            const auto from = std::lower_bound(
                side.objects.begin(), side.objects.end(), ObjectIdentity{"column", of.schema, of.name, {}},
                [](const SchemaObject& object, const ObjectIdentity& to) { return object.identity < to; });
            std::map<Bytes, Bytes> types;
            for (auto at = from; at != side.objects.end(); ++at) {
                const ObjectIdentity& identity = at->identity;
                if (identity.kind != "column" || identity.schema != of.schema || identity.relation != of.name) break;
                types[identity.name] = at->text("type");
            }
            return types;
        };
        return old.list("columns") == now.list("columns") &&
               parts(before_, old.identity) == parts(after_, now.identity);
    }

    [[nodiscard]] std::size_t place(const Snapshot& side, const ObjectIdentity& column) const {
        const SchemaObject* relation = side.find({"relation", column.schema, {}, column.relation});
        if (relation == nullptr) return 0;
        const PropertyList columns = relation->list("columns");
        return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), column.name) - columns.begin());
    }

    [[nodiscard]] bool alike(const SchemaObject& old, const SchemaObject& now) const {
        const ObjectIdentity& a = old.identity;
        const ObjectIdentity& b = now.identity;
        if (a.kind != b.kind) return false;
        if (a.kind == "relation") return (a.schema == b.schema || a.name == b.name) && same_columns(old, now);
        if (a.kind == "column") {
            return a.schema == b.schema && a.relation == b.relation &&
                   without_made_name(old) == without_made_name(now) && place(before_, a) == place(after_, b);
        }
        return a.schema == b.schema && a.relation == b.relation && !old.properties.empty() &&
               old.properties == now.properties;
    }

    /// Objects of one side; of those that are just like one of the other side it is said that they may be renamed.
    void alone() {
        std::map<const SchemaObject*, Objects> candidates;
        std::map<BytesView, Objects> added_by_kind;
        for (const SchemaObject* now : added_) added_by_kind[now->identity.kind].push_back(now);
        std::map<const SchemaObject*, std::size_t> wanted;
        for (const SchemaObject* old : removed_) {
            const Objects& of_kind = added_by_kind[old->identity.kind];
            if (of_kind.size() > kMaxGuesses) continue;
            for (const SchemaObject* now : of_kind) {
                if (!alike(*old, *now)) continue;
                candidates[old].push_back(now);
                ++wanted[now];
            }
        }
        std::map<const SchemaObject*, const SchemaObject*> renamed;  // new: old
        for (const SchemaObject* old : removed_) {
            const auto found = candidates.find(old);
            const bool sure = found != candidates.end() && found->second.size() == 1 && wanted[found->second[0]] == 1;
            ObjectChange change;
            change.kind = ChangeKind::removed;
            change.identity = old->identity;
            change.before = summary(*old);
            if (sure) {
                const ObjectIdentity& to = found->second[0]->identity;
                change.perhaps_renamed_to = to.schema == old->identity.schema ? to.name : to.schema + "." + to.name;
                renamed[found->second[0]] = old;
            }
            finish(std::move(change), old, nullptr);
        }
        for (const SchemaObject* now : added_) {
            ObjectChange change;
            change.kind = ChangeKind::added;
            change.identity = now->identity;
            change.after = summary(*now);
            if (const auto found = renamed.find(now); found != renamed.end()) {
                const ObjectIdentity& from = found->second->identity;
                change.perhaps_renamed_from =
                    from.schema == now->identity.schema ? from.name : from.schema + "." + from.name;
            }
            finish(std::move(change), nullptr, now);
        }
    }

    void finish(ObjectChange&& change, const SchemaObject* old, const SchemaObject* now) {
        change.effects = effects_of(change, old, now, before_);
        changes_.push_back(std::move(change));
    }

    /// Beyond these many new objects of a kind nobody would believe a guess.
    static constexpr std::size_t kMaxGuesses = 1'000;
    const Snapshot& before_;
    const Snapshot& after_;
    Objects removed_;
    Objects added_;
    std::vector<ObjectChange> changes_;
};

}  // namespace

BytesView to_string(ChangeClass of) {
    switch (of) {
        case ChangeClass::breaks_readers: return "breaks readers";
        case ChangeClass::breaks_writers: return "breaks writers";
        case ChangeClass::privilege: return "privilege";
        case ChangeClass::behaviour: return "behaviour";
        case ChangeClass::compatible: return "compatible";
    }
    return "compatible";
}

std::vector<ObjectChange> schema_diff(const Snapshot& before, const Snapshot& after) {
    return Comparison(before, after).run();
}

Bytes shown(const ObjectIdentity& identity) {
    const Bytes schema = identity.schema.empty() || identity.schema == "public" ? Bytes() : identity.schema + ".";
    if (identity.kind == "database") return "the database";
    if (identity.kind.starts_with("setting")) {
        return fmt::format("{} {} of {}", identity.kind, identity.name,
                           identity.relation.empty() ? Bytes("every role") : "role " + identity.relation);
    }
    if (identity.kind == "default privileges") {
        return fmt::format("default privileges of role {} on {}{}", identity.relation, identity.name,
                           identity.schema.empty() ? Bytes() : " in " + identity.schema);
    }
    if (identity.relation.empty()) return fmt::format("{} {}{}", identity.kind, schema, identity.name);
    return fmt::format("{} {} of {}{}", identity.kind, identity.name, schema, identity.relation);
}

Bytes in_words(const ObjectChange& change) {
    const Bytes object = shown(change.identity);
    if (change.kind == ChangeKind::removed) {
        if (change.perhaps_renamed_to.empty()) return object + " is gone";
        return fmt::format("{} is gone (renamed to {}?)", object, change.perhaps_renamed_to);
    }
    if (change.kind == ChangeKind::added) {
        const Bytes after = change.after.empty() ? Bytes() : fmt::format(": {}", change.after);
        if (change.perhaps_renamed_from.empty()) return fmt::format("{} is new{}", object, after);
        return fmt::format("{} is new (renamed from {}?){}", object, change.perhaps_renamed_from, after);
    }
    if (!change.gone.empty() || (!change.come.empty() && change.property != "column order")) {
        Bytes text = fmt::format("{} of {}:", change.property, object);
        for (const Bytes& item : change.gone) text += fmt::format(" -{}", item);
        for (const Bytes& item : change.come) text += fmt::format(" +{}", item);
        return text;
    }
    const auto side = [](const Bytes& text) { return text.empty() ? Bytes("(default)") : text; };
    return fmt::format("{} of {}: {} → {}", change.property, object, side(change.before), side(change.after));
}

}  // namespace understudy::catalog
