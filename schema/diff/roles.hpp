#pragma once

#include <map>
#include <set>

#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::schema {

/// Who may act as whom, by a snapshot's roles.
class Roles {
public:
    explicit Roles(const catalog::Snapshot& snapshot);

    /// Whether the snapshot says anything of roles, and knows this one.
    [[nodiscard]] bool knows(const Bytes& role) const { return roles_.contains(role); }
    /// The role, every role that it is a member of, however far, and PUBLIC (the empty name). Membership counts even
    /// where it is not inherited: SET ROLE takes it up.
    [[nodiscard]] const std::set<Bytes>& reach(const Bytes& role) const;
    [[nodiscard]] bool superuser(const Bytes& role) const;
    /// Row security is not for it (docs, CREATE ROLE … BYPASSRLS).
    [[nodiscard]] bool bypasses_row_security(const Bytes& role) const;

private:
    std::map<Bytes, const catalog::SchemaObject*> roles_;
    mutable std::map<Bytes, std::set<Bytes>> reach_;  // found already
};

}  // namespace understudy::schema
