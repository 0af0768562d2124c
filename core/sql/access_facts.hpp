#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/sql/access_values.hpp"

namespace understudy::sql {

/// What surely holds of the columns in one FROM: they are equal to each other, or to one of some values.
class ColumnFacts {
public:
    using Node = std::size_t;  ///< a column
    /// The relations of the FROM, by their place in it, of whose rows a fact can be used to say something: an outer
    /// join's condition says nothing of the rows of its outer side. Facts about several relations combine: a column
    /// that is NULL because its side had no match is equal to nothing.
    struct Reach {
        std::size_t first = 0;
        std::size_t end = static_cast<std::size_t>(-1);

        [[nodiscard]] bool all() const { return first == 0 && end == static_cast<std::size_t>(-1); }
        [[nodiscard]] bool holds(std::size_t relation) const { return relation >= first && relation < end; }
    };
    static constexpr std::size_t kAny = static_cast<std::size_t>(-1);

    void equate(Node a, Node b, Reach reach) { facts_.push_back({a, b, nullptr, reach}); }
    void one_of(Node a, SharedValues values, Reach reach) { facts_.push_back({a, a, std::move(values), reach}); }

    /// The conclusions from all facts that can be used for a relation; kAny: that can be used for all.
    class Conclusions {
    public:
        /// The fewest values that the column is equal to one of; nullptr: not known.
        [[nodiscard]] SharedValues values_of(Node node) const;

    private:
        friend class ColumnFacts;
        [[nodiscard]] Node root(Node node) const;
        mutable std::unordered_map<Node, Node> parents_;
        std::unordered_map<Node, SharedValues> values_;  ///< by root
    };
    [[nodiscard]] Conclusions conclude(std::size_t relation) const;

    [[nodiscard]] bool has_limited() const;
    [[nodiscard]] std::size_t size() const { return facts_.size(); }

private:
    struct Fact {
        Node a = 0;
        Node b = 0;
        SharedValues values;
        Reach reach;
    };
    std::vector<Fact> facts_;
};

}  // namespace understudy::sql
