#include "core/catalog/snapshot/change_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::catalog {
namespace {

using enum ChangeClass;

Effect effect(ChangeClass what, Bytes why) { return {what, std::move(why)}; }

std::vector<Effect> effects_of_labels(const ObjectChange& change) {
    if (!change.gone.empty()) {
        return {effect(breaks_readers, "statements that name a label that is gone fail with 22P02"),
                effect(breaks_writers,
                       "storing a label that is gone fails with 22P02; held sessions get XX000 where the type was "
                       "replaced")};
    }
    if (change.after.starts_with(change.before)) {
        return {effect(compatible, "labels at the end change nothing for those that are there")};
    }
    return {effect(behaviour, "comparisons and ORDER BY follow the labels' order, which is another")};
}

std::vector<Effect> effects_of_new_function(const ObjectChange& change, const Snapshot& before) {
    const Bytes stem = change.identity.name.substr(0, change.identity.name.find('(') + 1);
    const bool overload = std::any_of(before.objects.begin(), before.objects.end(), [&](const SchemaObject& object) {
        return object.identity.kind == "function" && object.identity.name.starts_with(stem);
    });
    if (!overload) return {effect(compatible, "no recorded statement calls what was not there")};
    return {effect(behaviour,
                   "there is a function of that name already: calls may become ambiguous (42725), or mean this one")};
}

std::vector<Effect> effects_of_new_relation(const ObjectChange& change, const Snapshot& before) {
    const bool shadows = std::any_of(before.objects.begin(), before.objects.end(), [&](const SchemaObject& object) {
        return object.identity.kind == "relation" && object.identity.name == change.identity.name;
    });
    if (!shadows) return {effect(compatible, "no recorded statement names what was not there")};
    return {
        effect(behaviour, "another schema has a relation of that name: which one is meant is decided by search_path")};
}

bool is_of(BytesView name, std::initializer_list<BytesView> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<Effect> effects_of_setting(const ObjectChange& change) {
    Bytes name = change.identity.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (name.ends_with("_timeout")) {
        return {effect(breaks_readers, "sessions that start after it may be cancelled with 57014 or 55P03, or closed"),
                effect(breaks_writers, "the same holds for those that write")};
    }
    if (name == "search_path") {
        return {effect(breaks_readers,
                       "in sessions that start after it, unqualified names fail with 42P01, or mean others"),
                effect(behaviour, "a name may be found in another schema")};
    }
    if (is_of(name, {"default_transaction_read_only", "transaction_read_only"})) {
        return {effect(breaks_writers, "in sessions that start after it, writing fails with 25006")};
    }
    if (is_of(name, {"role", "session_authorization", "row_security"})) {
        return {effect(privilege, "sessions that start after it have other privileges")};
    }
    return {effect(behaviour, "sessions that start after it work with another value")};
}

std::vector<Effect> effects_of_options(const ObjectChange& change) {
    const auto touches = [&](BytesView name) {
        const auto with = [&](const Bytes& item) { return item.starts_with(name); };
        return std::any_of(change.gone.begin(), change.gone.end(), with) ||
               std::any_of(change.come.begin(), change.come.end(), with);
    };
    if (touches("security_invoker"))
        return {effect(privilege, "the view reads with other rights: 42501, or other rows")};
    if (touches("check_option"))
        return {effect(breaks_writers, "rows that the view would not show are refused with 44000")};
    if (touches("security_barrier")) return {effect(behaviour, "plans of the view change, not its rows")};
    return {effect(compatible, "storage parameters do not change answers")};
}

}  // namespace

std::vector<Effect> effects_of(const ObjectChange& change, const SchemaObject* before, const SchemaObject* after,
                               const Snapshot& all_before) {
    const Bytes& kind = change.identity.kind;
    const SchemaObject& either = before != nullptr ? *before : *after;
    std::vector<Effect> effects;
    if (change.property == "comment") {
        effects = {effect(compatible, "a comment")};
    } else if (change.property == "access" || kind == "default privileges") {
        effects = effects_of_access(change, before, after);
    } else if (kind == "column") {
        effects = effects_on_column(change, after);
    } else if (kind == "constraint" || kind == "domain constraint") {
        effects = effects_of_constraint(change, either);
    } else if (change.property == "labels") {
        effects = effects_of_labels(change);
    } else if (kind == "domain" && change.property == "type") {
        effects = effects_of_type(change.before, change.after);
    } else if (kind.starts_with("setting")) {
        effects = effects_of_setting(change);
    } else if (kind == "relation" && change.property == "options") {
        effects = effects_of_options(change);
    } else if (kind == "function" && change.kind == ChangeKind::added) {
        effects = effects_of_new_function(change, all_before);
    } else if (kind == "relation" && change.kind == ChangeKind::added) {
        effects = effects_of_new_relation(change, all_before);
    } else if (kind == "index" && change.kind != ChangeKind::changed && either.property("unique") != nullptr) {
        effects = change.kind == ChangeKind::added
                      ? std::vector{effect(breaks_writers,
                                           "a second row with the same key is refused with 23505, or skipped by "
                                           "ON CONFLICT DO NOTHING")}
                      : std::vector{effect(breaks_writers, "ON CONFLICT that infers it fails with 42P10"),
                                    effect(behaviour, "duplicates get in, and look-ups by its key get slower")};
    }
    if (effects.empty()) effects = effects_by_table(change);
    std::stable_sort(effects.begin(), effects.end(), [](const Effect& a, const Effect& b) { return a.what < b.what; });
    return effects;
}

}  // namespace understudy::catalog
