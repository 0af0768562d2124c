#pragma once

#include <set>
#include <vector>

#include "core/catalog/snapshot/schema_diff.hpp"
#include "schema/diff/privilege_change.hpp"
#include "schema/diff/touched.hpp"

namespace understudy::schema {

/// How a statement feels a change.
struct Feeling {
    std::vector<std::size_t> effects;  ///< indexes into the change's; empty: it does not
    bool writes = false;               ///< by writing
    bool spared = false;               ///< it touches the place, but its role, or what it does there, is not concerned
};

/// Where a change can be felt: what a statement has to touch for it.
class ChangeTarget {
public:
    /// All are borrowed.
    ChangeTarget(const catalog::ObjectChange& change, const catalog::Snapshot& before, const catalog::Snapshot& after);

    /// What a statement of `user` with these touches can feel. An empty user is unknown, and may be anybody.
    [[nodiscard]] Feeling felt(const StatementTouches& touches, const Bytes& user) const;

private:
    struct Place {
        RelationName relation;
        Bytes column;  ///< empty: whatever the statement does with the relation
    };

    [[nodiscard]] std::vector<std::size_t> effects(bool read, bool written) const;
    [[nodiscard]] bool touched(const Place& place, const RelationTouch& touch) const;
    void add_columns_of_type(const catalog::Snapshot& before);
    void add_referenced();
    void add_triggered(const catalog::Snapshot& before);

    const catalog::ObjectChange& change_;
    PrivilegeChange privileges_;
    std::vector<Place> places_;
    Bytes function_;  ///< a call of it feels the change
    Bytes schema_;    ///< any relation of it does
    Bytes shadowed_;  ///< any relation of that name does
    bool writers_only_ = false;
};

}  // namespace understudy::schema
