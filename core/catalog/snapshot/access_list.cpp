#include "core/catalog/snapshot/access_list.hpp"

namespace understudy::catalog {
namespace {

/// The role's name at the front of an access item, and what follows it.
std::pair<Bytes, BytesView> grantee(BytesView item) {
    if (!item.starts_with('"')) {
        const std::size_t end = std::min(item.find('='), item.size());
        return {Bytes(item.substr(0, end)), item.substr(end)};
    }
    Bytes name;
    std::size_t at = 1;
    for (; at < item.size(); ++at) {
        if (item[at] == '"' && (at + 1 == item.size() || item[at + 1] != '"')) break;
        name += item[at];
        if (item[at] == '"') ++at;  // a quote is written twice
    }
    return {std::move(name), item.substr(std::min(at + 1, item.size()))};
}

}  // namespace

BytesView public_default(BytesView kind) {
    if (kind == "function") return "X";
    if (kind == "database") return "Tc";
    if (kind == "language" || kind == "enum" || kind == "domain" || kind == "range" || kind == "base type" ||
        kind == "composite type") {
        return "U";
    }
    return "";
}

Grants grants_of(const PropertyList& items) {
    Grants grants;
    for (const Bytes& item : items) {
        const auto [role, rest] = grantee(item);
        if (!rest.starts_with('=')) continue;
        Bytes& letters = grants[role];
        for (const char c : rest.substr(1, rest.find('/') - 1)) {
            if (c != '*') letters += c;
        }
    }
    return grants;
}

Grants grants_on(const SchemaObject* object) {
    if (object == nullptr) return {};
    if (object->property("access") != nullptr) return grants_of(object->list("access"));
    Grants grants{{Bytes(), Bytes(public_default(object->identity.kind))}};
    if (const Bytes owner = object->text("owner"); !owner.empty()) grants[owner] += '*';
    return grants;
}

bool has_privilege(const Grants& grants, const Bytes& role, char letter) {
    const auto found = grants.find(role);
    return found != grants.end() &&
           (found->second.find(letter) != Bytes::npos || found->second.find('*') != Bytes::npos);
}

}  // namespace understudy::catalog
