#include "core/sql/place_groups.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace understudy::sql {
namespace {

/// Of more than so many, a group is of any column: the work for a hostile statement stays small.
constexpr std::size_t kMaxUses = 256;

/// Whether it was new.
bool add_unique(std::vector<ColumnUse>& uses, const ColumnUse& use) {
    static const ColumnUse any;
    if (!uses.empty() && uses.front() == any) return false;
    if (std::find(uses.begin(), uses.end(), use) != uses.end()) return false;
    if (uses.size() >= kMaxUses || use == any) {
        uses = {any};
    } else {
        uses.push_back(use);
    }
    return true;
}

}  // namespace

PlaceGroups::Id PlaceGroups::root(Id group) const {
    while (parents_[group] != group) {
        parents_[group] = parents_[parents_[group]];
        group = parents_[group];
    }
    return group;
}

void PlaceGroups::join(Id a, Id b) {
    if (a == kNone || b == kNone) return;
    a = root(a);
    b = root(b);
    if (a == b) return;
    parents_[b] = a;
    for (const ColumnUse& use : std::exchange(uses_[b], {})) add_unique(uses_[a], use);
}

void PlaceGroups::add_column(Id group, ColumnUse use) {
    if (group != kNone) add_unique(uses_[root(group)], use);
}

void PlaceGroups::add_name(Id group, const Bytes& name) {
    if (group != kNone) mentions_.emplace_back(group, name);
}

void PlaceGroups::define_name(const Bytes& name, Id group) {
    if (group == kNone || name.empty()) return;
    const auto [found, added] = defined_.emplace(name, group);
    if (!added) join(found->second, group);
}

void PlaceGroups::settle() {
    for (const auto& [group, name] : mentions_) {
        const auto found = defined_.find(name);
        if (found != defined_.end()) join(found->second, group);
    }
    // Parts mostly come before what is made of them: one round, and one in which nothing changes.
    constexpr int kMaxRounds = 16;
    bool changed = true;
    for (int round = 0; round < kMaxRounds && changed; ++round) {
        changed = false;
        for (const auto& [whole, part] : parts_) changed = add_all(root(whole), root(part)) || changed;
    }
    if (!changed) return;
    for (const auto& [whole, part] : parts_) add_unique(uses_[root(whole)], ColumnUse());  // any column
}

/// Whether there was something to add.
bool PlaceGroups::add_all(Id whole, Id part) {
    if (whole == part) return false;
    bool added = false;
    for (const ColumnUse& use : uses_[part]) added = add_unique(uses_[whole], use) || added;
    return added;
}

std::vector<ColumnUse> PlaceGroups::columns(Id group) const {
    return group == kNone ? std::vector<ColumnUse>() : uses_[root(group)];
}

std::vector<ValuePlace> PlaceGroups::places() const {
    std::map<std::size_t, ValuePlace> found;  // a value may stand in several groups
    for (const Value& value : values_) {
        const std::vector<ColumnUse>& uses = uses_[root(value.group)];
        if (uses.empty()) continue;
        ValuePlace& place = found[value.offset];
        place.offset = value.offset;
        place.parameter = value.parameter;
        for (const ColumnUse& use : uses) add_unique(place.columns, use);
    }
    std::vector<ValuePlace> all;
    all.reserve(found.size());
    for (auto& [offset, place] : found) all.push_back(std::move(place));
    return all;
}

}  // namespace understudy::sql
