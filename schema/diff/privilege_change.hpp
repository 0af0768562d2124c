#pragma once

#include "core/catalog/snapshot/schema_diff.hpp"
#include "schema/diff/roles.hpp"
#include "schema/diff/touched.hpp"

namespace understudy::schema {

/// Whose statements feel that privileges, row security or triggers changed: by role, by what the statement does, and by
/// columns. Where roles are not known (a snapshot from before they were kept), everybody is taken to be concerned.
class PrivilegeChange {
public:
    /// All are borrowed.
    PrivilegeChange(const catalog::ObjectChange& change, const catalog::Snapshot& before,
                    const catalog::Snapshot& after);

    /// Whether the change is one that this class can judge; others concern everybody.
    [[nodiscard]] bool judges() const { return kind_ != Kind::other; }
    /// Whether a statement of `user` feels it through what it does with the place that changed.
    [[nodiscard]] bool felt(const Bytes& user, const RelationName& relation, const RelationTouch& touch) const;
    /// The same of a call of the function, or of a name in the schema.
    [[nodiscard]] bool felt_by(const Bytes& user) const;

private:
    enum class Kind : std::uint8_t { other, access, row_security, policy, trigger };

    [[nodiscard]] bool known(const Bytes& role) const;
    [[nodiscard]] bool allowed(const catalog::Snapshot& side, const Roles& roles, const Bytes& role,
                               const RelationName& relation, const PrivilegeUse& use, char letter) const;
    [[nodiscard]] bool loses(const Bytes& role, const RelationName& relation, const PrivilegeUse& use) const;
    [[nodiscard]] bool subject_to_policies(const Bytes& role, const RelationName& relation) const;
    [[nodiscard]] bool policy_applies(const Bytes& role, const PrivilegeUse& use) const;
    [[nodiscard]] bool fires(const PrivilegeUse& use) const;

    const catalog::ObjectChange& change_;
    const catalog::Snapshot& before_;
    const catalog::Snapshot& after_;
    Roles old_roles_;
    Roles new_roles_;
    Kind kind_ = Kind::other;
};

}  // namespace understudy::schema
