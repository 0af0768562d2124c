#pragma once

#include <algorithm>
#include <vector>

#include "replay/order/row_access.hpp"
#include "replay/order/unit.hpp"

namespace understudy::replay {

/// Steps that were asked, are not answered, and will want locks: by relation.
class FlightTable {
public:
    void add(const Unit& unit, const RowAccess& access) {
        if (access.relation >= relations_.size()) relations_.resize(access.relation + 1);
        relations_[access.relation].push_back({unit, access});
    }
    void remove(const Unit& unit, RelationIndex relation) {
        if (relation >= relations_.size()) return;
        std::erase_if(relations_[relation], [&](const Flight& flight) {
            return flight.unit.session == unit.session && flight.unit.done == unit.done;
        });
    }
    /// Calls on(unit, same) for each that wants a lock of the same row, or of one that may be, which conflicts with that
    /// of `access`.
    template <class On>
    void conflicting(const RowAccess& access, On&& on) const {
        if (access.relation >= relations_.size()) return;
        for (const Flight& flight : relations_[access.relation]) {
            if (!conflicts(flight.access.lock, access.lock)) continue;
            if (const SameRow same = same_row(flight.access, access); same != SameRow::no) on(flight.unit, same);
        }
    }

private:
    struct Flight {
        Unit unit;
        RowAccess access;
    };
    std::vector<std::vector<Flight>> relations_;
};

}  // namespace understudy::replay
