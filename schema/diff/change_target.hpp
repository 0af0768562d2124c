#pragma once

#include <set>
#include <vector>

#include "core/catalog/snapshot/schema_diff.hpp"
#include "schema/diff/touched.hpp"

namespace understudy::schema {

/// Where a change can be felt: what a statement has to touch for it.
class ChangeTarget {
public:
    ChangeTarget(const catalog::ObjectChange& change, const catalog::Snapshot& before);

    /// The change's effects that a statement with these touches can feel, as indexes into `effects`; `writes` is set
    /// when it is by writing.
    [[nodiscard]] std::vector<std::size_t> felt(const StatementTouches& touches, bool& writes) const;

private:
    struct Place {
        RelationName relation;
        Bytes column;  ///< empty: whatever the statement does with the relation
    };

    [[nodiscard]] bool touched(const Place& place, const RelationTouch& touch) const;
    void add_columns_of_type(const catalog::Snapshot& before);
    void add_referenced();
    void add_triggered(const catalog::Snapshot& before);

    const catalog::ObjectChange& change_;
    std::vector<Place> places_;
    Bytes function_;  ///< a call of it feels the change
    Bytes schema_;    ///< any relation of it does
    Bytes shadowed_;  ///< any relation of that name does
    bool writers_only_ = false;
};

}  // namespace understudy::schema
