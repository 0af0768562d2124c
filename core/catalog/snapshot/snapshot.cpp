#include "core/catalog/snapshot/snapshot.hpp"

#include <algorithm>
#include <iterator>

namespace understudy::catalog {
namespace {

bool by_name(const Property& a, const Property& b) { return a.name < b.name; }

}  // namespace

Bytes Property::text() const {
    if (const auto* text = std::get_if<Bytes>(&value)) return *text;
    Bytes joined;
    for (const Bytes& item : std::get<PropertyList>(value)) {
        if (!joined.empty()) joined += ", ";
        joined += item;
    }
    return joined;
}

const Property* SchemaObject::property(BytesView name) const {
    const auto at =
        std::find_if(properties.begin(), properties.end(), [&](const Property& one) { return one.name == name; });
    return at == properties.end() ? nullptr : &*at;
}

Bytes SchemaObject::text(BytesView name) const {
    const Property* found = property(name);
    return found == nullptr ? Bytes() : found->text();
}

PropertyList SchemaObject::list(BytesView name) const {
    const Property* found = property(name);
    if (found == nullptr) return {};
    if (const auto* items = std::get_if<PropertyList>(&found->value)) return *items;
    return {std::get<Bytes>(found->value)};
}

void Snapshot::sort() {
    const auto by_identity = [](const SchemaObject& a, const SchemaObject& b) { return a.identity < b.identity; };
    std::stable_sort(objects.begin(), objects.end(), by_identity);
    std::stable_sort(roles.begin(), roles.end(), by_identity);
    for (SchemaObject& role : roles) std::stable_sort(role.properties.begin(), role.properties.end(), by_name);
    auto kept = objects.begin();
    for (auto at = objects.begin(); at != objects.end(); ++at) {
        if (at == objects.begin()) continue;
        if (at->identity == kept->identity) {
            std::move(at->properties.begin(), at->properties.end(), std::back_inserter(kept->properties));
        } else if (++kept != at) {
            *kept = std::move(*at);
        }
    }
    if (!objects.empty()) objects.erase(std::next(kept), objects.end());
    for (SchemaObject& object : objects) {
        auto& properties = object.properties;
        std::stable_sort(properties.begin(), properties.end(), by_name);
        properties.erase(std::unique(properties.begin(), properties.end(),
                                     [](const Property& a, const Property& b) { return a.name == b.name; }),
                         properties.end());
    }
    std::sort(unread.begin(), unread.end());
    unread.erase(std::unique(unread.begin(), unread.end()), unread.end());
}

const SchemaObject* Snapshot::find(const ObjectIdentity& identity) const {
    const auto at =
        std::lower_bound(objects.begin(), objects.end(), identity,
                         [](const SchemaObject& object, const ObjectIdentity& to) { return object.identity < to; });
    return at == objects.end() || at->identity != identity ? nullptr : &*at;
}

}  // namespace understudy::catalog
