#include <map>

#include "core/catalog/snapshot/change_rules.hpp"

namespace understudy::catalog {
namespace {

/// Privilege letters by role; the empty name is PUBLIC.
using Grants = std::map<Bytes, Bytes>;

/// What everybody may do where nothing was granted (docs "Privileges", table 5.2).
BytesView public_default(BytesView kind) {
    if (kind == "function") return "X";
    if (kind == "database") return "Tc";
    if (kind == "language" || kind == "enum" || kind == "domain" || kind == "range" || kind == "base type" ||
        kind == "composite type") {
        return "U";
    }
    return "";
}

/// "app=r*w/owner" → app: rw.
Grants grants_of(const PropertyList& items) {
    Grants grants;
    for (const Bytes& item : items) {
        const bool quoted = item.starts_with('"');
        const std::size_t name_end = quoted ? item.find('"', 1) : item.find('=');
        const std::size_t equals = name_end == Bytes::npos ? name_end : item.find('=', name_end);
        const std::size_t slash = item.rfind('/');
        if (equals == Bytes::npos || slash == Bytes::npos || slash < equals) continue;
        Bytes& letters = grants[item.substr(quoted ? 1 : 0, name_end - (quoted ? 1 : 0))];
        for (const char c : item.substr(equals + 1, slash - equals - 1)) {
            if (c != '*') letters += c;
        }
    }
    return grants;
}

Grants grants_on(const SchemaObject* object, BytesView kind) {
    if (object == nullptr) return {};
    if (object->property("access") != nullptr) return grants_of(object->list("access"));
    return {{Bytes(), Bytes(public_default(kind))}};
}

}  // namespace

std::vector<Effect> effects_of_access(const ObjectChange& change, const SchemaObject* before,
                                      const SchemaObject* after) {
    const Grants old = grants_on(before, change.identity.kind);
    const Grants now = grants_on(after, change.identity.kind);
    const Bytes owner = after != nullptr ? after->text("owner") : Bytes();
    const bool owner_by_default = after != nullptr && after->property("access") == nullptr;
    const auto everybody = now.find(Bytes());
    Bytes losers;
    for (const auto& [role, letters] : old) {
        if (role == owner && owner_by_default && !role.empty()) continue;
        const auto found = now.find(role);
        for (const char letter : letters) {
            const bool has = (found != now.end() && found->second.find(letter) != Bytes::npos) ||
                             (everybody != now.end() && everybody->second.find(letter) != Bytes::npos);
            if (has) continue;
            if (!losers.empty()) losers += ", ";
            losers += role.empty() ? "PUBLIC" : role;
            break;
        }
    }
    // By default the owner may do all; a list without the owner takes that away.
    const bool owner_lost = before != nullptr && before->property("access") == nullptr && !owner.empty() &&
                            !owner_by_default && !now.contains(owner);
    if (owner_lost) losers += (losers.empty() ? "" : ", ") + owner;
    if (losers.empty()) return {{ChangeClass::compatible, "nobody loses a privilege"}};
    return {{ChangeClass::privilege, "statements of " + losers + " that need what was revoked fail with 42501"}};
}

}  // namespace understudy::catalog
