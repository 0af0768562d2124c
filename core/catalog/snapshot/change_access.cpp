#include <algorithm>

#include "core/catalog/snapshot/access_list.hpp"
#include "core/catalog/snapshot/change_rules.hpp"

namespace understudy::catalog {
namespace {

/// What an owner has by default, as far as statements need it.
BytesView owners_letters(BytesView kind) {
    if (kind == "relation" || kind == "column") return "arwdD";
    if (kind == "sequence") return "rwU";
    return kind == "schema" ? "UC" : public_default(kind);
}

bool loses(const Bytes& role, const Bytes& letters, const Grants& now, BytesView kind) {
    if (has_privilege(now, role, '*')) return false;
    const BytesView had = letters.find('*') != Bytes::npos ? owners_letters(kind) : BytesView(letters);
    return std::any_of(had.begin(), had.end(), [&](char letter) {
        return !has_privilege(now, role, letter) && !has_privilege(now, Bytes(), letter);
    });
}

}  // namespace

std::vector<Effect> effects_of_access(const ObjectChange& change, const SchemaObject* before,
                                      const SchemaObject* after) {
    const Grants now = grants_on(after);
    Bytes losers;
    for (const auto& [role, letters] : grants_on(before)) {
        if (!loses(role, letters, now, change.identity.kind)) continue;
        if (!losers.empty()) losers += ", ";
        losers += role.empty() ? "PUBLIC" : role;
    }
    if (losers.empty()) return {{ChangeClass::compatible, "nobody loses a privilege"}};
    return {{ChangeClass::privilege, "statements of " + losers + " that need what was revoked fail with 42501"}};
}

}  // namespace understudy::catalog
