#include "compare/analysis/snapshot_changes.hpp"

#include "core/catalog/snapshot/schema_diff.hpp"

namespace understudy::compare {
namespace {

bool is_relation(const catalog::ObjectIdentity& identity) {
    return identity.kind == "relation" || identity.kind == "sequence";
}

bool can_matter(const catalog::ObjectChange& change) {
    if (change.worst() != catalog::ChangeClass::compatible) return true;
    // A column or label more is compatible, and still what an answer of another shape comes from.
    return change.property != "comment" && (change.identity.kind == "column" || change.identity.kind == "enum" ||
                                            is_relation(change.identity) || change.property == "access");
}

SchemaChange schema_change(const catalog::ObjectChange& change) {
    const catalog::ObjectIdentity& identity = change.identity;
    SchemaChange result;
    result.text = catalog::in_words(change);
    result.setting = identity.kind.starts_with("setting");
    result.constraint = identity.kind.ends_with("constraint") || identity.kind == "index";
    result.index = identity.kind == "index";
    if (is_relation(identity)) {
        result.relation = identity.name;
    } else {
        const bool of_relation = !result.setting && identity.kind != "domain constraint";
        if (of_relation) result.relation = identity.relation;
        result.object = identity.kind == "function" ? identity.name.substr(0, identity.name.find('(')) : identity.name;
    }
    return result;
}

}  // namespace

std::vector<SchemaChange> snapshot_changes(const catalog::Snapshot& before, const catalog::Snapshot& after) {
    std::vector<SchemaChange> changes;
    for (const catalog::ObjectChange& change : catalog::schema_diff(before, after)) {
        if (can_matter(change)) changes.push_back(schema_change(change));
    }
    return changes;
}

}  // namespace understudy::compare
