#include <fmt/format.h>

#include <algorithm>

#include "core/catalog/snapshot/schema_diff.hpp"
#include "schema/fidelity/difference.hpp"

namespace understudy::schema::fidelity {
namespace {

using catalog::ChangeKind;
using catalog::ObjectChange;
using catalog::SchemaObject;

struct Meaning {
    DifferenceClass what;
    BytesView attribute;
};

bool one_of(BytesView name, std::initializer_list<BytesView> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Of a property, whatever it belongs to; nothing where the kind of object decides.
std::optional<Meaning> meaning_of_property(BytesView property) {
    if (property == "comment") return Meaning{DifferenceClass::note, "comments"};
    if (property == "owner") return Meaning{DifferenceClass::gate, "owners"};
    if (property == "access") return Meaning{DifferenceClass::gate, "grants"};
    if (one_of(property, {"row security", "row security forced"}))
        return Meaning{DifferenceClass::gate, "row security"};
    if (one_of(property, {"not valid", "not ready"})) return Meaning{DifferenceClass::gate, "invalid indexes"};
    if (one_of(property, {"firing", "triggers"})) return Meaning{DifferenceClass::gate, "disabled triggers"};
    if (property == "partition bound") return Meaning{DifferenceClass::warning, "partitions"};
    if (property == "replica identity") return Meaning{DifferenceClass::warning, "replication"};
    if (one_of(property, {"tablespace", "storage", "compression", "statistics target", "clustered"})) {
        return Meaning{DifferenceClass::latency, "storage options"};
    }
    return std::nullopt;
}

bool is_view(const SchemaObject* object) { return object != nullptr && object->text("kind").ends_with("view"); }

bool is_partition(const SchemaObject* object) {
    return object != nullptr && object->property("partition bound") != nullptr;
}

Meaning meaning_of(const ObjectChange& change, const SchemaObject* before, const SchemaObject* after) {
    const BytesView kind = change.identity.kind;
    const BytesView property = change.property;
    if (change.kind == ChangeKind::changed) {
        if (const auto known = meaning_of_property(property)) return *known;
        if (kind == "database" && property == "encoding") return {DifferenceClass::gate, "encoding"};
        if (kind == "database") return {DifferenceClass::gate, "collation"};
        const bool stored = one_of(kind, {"relation", "index", "column"}) && property == "options" && !is_view(before);
        if (stored) return {DifferenceClass::latency, "storage options"};
        if (one_of(kind, {"foreign server", "foreign-data wrapper"}) && property == "options") {
            return {DifferenceClass::warning, "foreign servers"};
        }
    }
    if (kind == "extension") return {DifferenceClass::gate, "extensions"};
    if (kind == "default privileges") return {DifferenceClass::gate, "default privileges"};
    if (kind == "policy") return {DifferenceClass::gate, "row security"};
    if (kind == "publication") return {DifferenceClass::warning, "replication"};
    if (kind == "user mapping") return {DifferenceClass::warning, "foreign servers"};
    if (kind == "statistics") return {DifferenceClass::latency, "storage options"};
    const bool alone = change.kind != ChangeKind::changed;
    if (alone && (is_partition(before) || is_partition(after))) return {DifferenceClass::warning, "partitions"};
    return {DifferenceClass::gate, "schema"};
}

Bytes joined(const catalog::PropertyList& items) {
    Bytes text;
    for (const Bytes& item : items) text += (text.empty() ? "" : ", ") + item;
    return text;
}

void add(const ObjectChange& change, const Meaning& meaning, DifferenceList& out) {
    const Bytes object = catalog::shown(change.identity);
    if (change.kind != ChangeKind::changed) {
        const bool removed = change.kind == ChangeKind::removed;
        const Bytes& renamed = removed ? change.perhaps_renamed_to : change.perhaps_renamed_from;
        Bytes text = fmt::format("{} is {} only", object, removed ? "in production" : "on staging");
        if (!renamed.empty()) text += fmt::format(" (there {}, perhaps?)", renamed);
        out.add(meaning.what, Bytes(meaning.attribute), object, removed ? "there" : "", removed ? "" : "there",
                std::move(text));
        return;
    }
    const Bytes what = fmt::format("{} of {}", change.property, object);
    if (!change.gone.empty() || !change.come.empty()) {
        Bytes text = what;
        if (!change.gone.empty()) text += fmt::format("; production only: {}", joined(change.gone));
        if (!change.come.empty()) text += fmt::format("; staging only: {}", joined(change.come));
        out.add(meaning.what, Bytes(meaning.attribute), what, change.before, change.after, std::move(text));
        return;
    }
    const auto side = [](const Bytes& text) { return text.empty() ? Bytes("the default") : text; };
    out.add(meaning.what, Bytes(meaning.attribute), what, change.before, change.after,
            fmt::format("{}: production has {}, staging {}", what, shortened(side(change.before)),
                        shortened(side(change.after))));
}

}  // namespace

void compare_schemas(const Environment& production, const Environment& staging, DifferenceList& out) {
    out.count_compared(std::max(production.schema.objects.size(), staging.schema.objects.size()));
    for (const ObjectChange& change : catalog::schema_diff(production.schema, staging.schema)) {
        if (change.identity.kind.starts_with("setting")) continue;  // compare_settings() knows what others get
        add(change, meaning_of(change, production.schema.find(change.identity), staging.schema.find(change.identity)),
            out);
    }
}

}  // namespace understudy::schema::fidelity
