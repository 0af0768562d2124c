#pragma once

#include <algorithm>
#include <vector>

#include "replay/order/unit.hpp"

namespace understudy::replay {

/// The last unit of each session, of some kind: a later one of a session stands for all before it, since a session does
/// one thing after the other. Sorted by session.
class Watermark {
public:
    void add(const Unit& unit) {
        const auto at = place(unit.session);
        if (at == units_.end() || at->session != unit.session) {
            units_.insert(at, unit);
        } else if (at->done < unit.done) {
            *at = unit;
        }
    }
    void add(const Watermark& others) {
        for (const Unit& unit : others.units_) add(unit);
    }
    template <class Over>
    void remove_if(Over&& over) {
        std::erase_if(units_, [&](const Unit& unit) { return over(unit.session); });
    }
    void clear() { units_.clear(); }

    [[nodiscard]] bool empty() const { return units_.empty(); }
    [[nodiscard]] std::size_t size() const { return units_.size(); }
    [[nodiscard]] auto begin() const { return units_.begin(); }
    [[nodiscard]] auto end() const { return units_.end(); }

private:
    [[nodiscard]] std::vector<Unit>::iterator place(SessionIndex session) {
        if (units_.empty() || units_.back().session < session) return units_.end();
        return std::lower_bound(units_.begin(), units_.end(), session,
                                [](const Unit& unit, SessionIndex wanted) { return unit.session < wanted; });
    }

    std::vector<Unit> units_;
};

}  // namespace understudy::replay
