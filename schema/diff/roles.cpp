#include "schema/diff/roles.hpp"

#include <vector>

namespace understudy::schema {

Roles::Roles(const catalog::Snapshot& snapshot) {
    for (const catalog::SchemaObject& role : snapshot.roles) roles_[role.identity.name] = &role;
}

const std::set<Bytes>& Roles::reach(const Bytes& role) const {
    const auto [at, is_new] = reach_.try_emplace(role, std::set<Bytes>{Bytes(), role});
    if (!is_new) return at->second;
    std::vector<Bytes> open{role};
    while (!open.empty()) {
        const auto found = roles_.find(open.back());
        open.pop_back();
        if (found == roles_.end()) continue;
        for (const Bytes& of : found->second->list("member of")) {
            if (at->second.insert(of).second) open.push_back(of);
        }
    }
    return at->second;
}

bool Roles::superuser(const Bytes& role) const {
    const auto found = roles_.find(role);
    return found != roles_.end() && found->second->property("superuser") != nullptr;
}

bool Roles::bypasses_row_security(const Bytes& role) const {
    const auto found = roles_.find(role);
    return found != roles_.end() && (found->second->property("superuser") != nullptr ||
                                     found->second->property("bypass row security") != nullptr);
}

}  // namespace understudy::schema
