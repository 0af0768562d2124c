#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

#include "replay/order/unit.hpp"

namespace understudy::replay {

/// The last kKept units of each session that read something: a commit may come after some of them, and overlap others.
/// Sorted by session and progress.
class RecentReaders {
public:
    static constexpr std::ptrdiff_t kKept = 8;

    struct Reader {
        Unit unit;
        bool more = false;  ///< the session read before that, too
    };

    void add(const Unit& unit, bool more = false) {
        const auto first = std::lower_bound(
            readers_.begin(), readers_.end(), unit.session,
            [](const Reader& reader, SessionIndex session) { return reader.unit.session < session; });
        const auto last = std::find_if(first, readers_.end(),
                                       [&](const Reader& one) { return one.unit.session != unit.session; });
        if (last != first && std::prev(last)->unit.done >= unit.done) return;
        const auto place = first - readers_.begin();
        const bool full = last - first >= kKept;
        readers_.insert(last, {unit, more});
        if (!full) return;
        readers_.erase(readers_.begin() + place);
        readers_[static_cast<std::size_t>(place)].more = true;
    }
    void add(const RecentReaders& others) {
        for (const Reader& reader : others.readers_) add(reader.unit, reader.more);
    }
    template <class Gone>
    void remove_if(Gone&& gone) {
        std::erase_if(readers_, [&](const Reader& reader) { return gone(reader.unit); });
    }
    [[nodiscard]] auto begin() const { return readers_.begin(); }
    [[nodiscard]] auto end() const { return readers_.end(); }

private:
    std::vector<Reader> readers_;
};

}  // namespace understudy::replay
