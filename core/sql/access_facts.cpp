#include "core/sql/access_facts.hpp"

#include <algorithm>

namespace understudy::sql {

ColumnFacts::Node ColumnFacts::Conclusions::root(Node node) const {
    for (auto at = parents_.find(node); at != parents_.end(); at = parents_.find(node)) {
        const auto above = parents_.find(at->second);
        if (above != parents_.end()) at->second = above->second;  // halves the path
        node = at->second;
    }
    return node;
}

SharedValues ColumnFacts::Conclusions::values_of(Node node) const {
    const auto found = values_.find(root(node));
    return found != values_.end() ? found->second : nullptr;
}

ColumnFacts::Conclusions ColumnFacts::conclude(std::size_t relation) const {
    Conclusions made;
    const auto usable = [&](const Fact& fact) { return fact.reach.all() || fact.reach.holds(relation); };
    for (const Fact& fact : facts_) {
        if (fact.values != nullptr || !usable(fact)) continue;
        const Node a = made.root(fact.a);
        const Node b = made.root(fact.b);
        if (a != b) made.parents_[a] = b;
    }
    for (const Fact& fact : facts_) {
        if (fact.values == nullptr || !usable(fact)) continue;
        SharedValues& kept = made.values_[made.root(fact.a)];
        if (kept == nullptr || fact.values->values.size() < kept->values.size()) kept = fact.values;
    }
    return made;
}

bool ColumnFacts::has_limited() const {
    return std::any_of(facts_.begin(), facts_.end(), [](const Fact& fact) { return !fact.reach.all(); });
}

}  // namespace understudy::sql
