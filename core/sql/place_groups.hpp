#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/sql/value_places.hpp"

namespace understudy::sql {

/// Columns and values that are compared with or stored into each other form a group. Groups join where a subquery's
/// output is used by its name.
class PlaceGroups {
public:
    using Id = std::size_t;
    static constexpr Id kNone = static_cast<Id>(-1);

    Id open() {
        parents_.push_back(parents_.size());
        uses_.emplace_back();
        return parents_.size() - 1;
    }
    /// Joins two groups; kNone joins nothing.
    void join(Id a, Id b);
    void add_column(Id group, ColumnUse use);
    /// What `part` is made of, `group` is made of too; not the other way round. kNone does nothing.
    void include(Id group, Id part) {
        if (group != kNone && part != kNone && group != part) parts_.emplace_back(group, part);
    }
    /// The group mentions an output of that name, if there is one.
    void add_name(Id group, const Bytes& name);
    void define_name(const Bytes& name, Id group);
    /// Joins the group with all that names were defined for.
    void join_defined(Id group) {
        for (const auto& [name, defined] : defined_) join(group, defined);
    }
    void add_literal(Id group, std::size_t offset) { add_value(group, offset, 0); }
    void add_parameter(Id group, std::size_t offset, std::uint32_t number) { add_value(group, offset, number); }

    /// Joins what names connect, and adds parts. Call once, after everything was added.
    void settle();
    /// All columns of the group.
    [[nodiscard]] std::vector<ColumnUse> columns(Id group) const;
    /// The values of groups that have columns, by offset; lengths are not set.
    [[nodiscard]] std::vector<ValuePlace> places() const;

private:
    struct Value {
        std::size_t offset = 0;
        std::uint32_t parameter = 0;
        Id group = kNone;
    };
    void add_value(Id group, std::size_t offset, std::uint32_t parameter) {
        if (group != kNone) values_.push_back({offset, parameter, group});
    }
    [[nodiscard]] Id root(Id group) const;
    bool add_all(Id whole, Id part);

    mutable std::vector<Id> parents_;
    std::vector<std::vector<ColumnUse>> uses_;
    std::vector<Value> values_;
    std::vector<std::pair<Id, Bytes>> mentions_;
    std::vector<std::pair<Id, Id>> parts_;
    std::unordered_map<Bytes, Id> defined_;
};

}  // namespace understudy::sql
