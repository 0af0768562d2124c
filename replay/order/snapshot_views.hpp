#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/base/bytes.hpp"
#include "replay/order/unit.hpp"

namespace understudy::replay {

/// What a session is shown through snapshots that it took before: by the executions of a portal or cursor, and by all
/// statements of a transaction that keeps its snapshot. If it is open what the snapshot saw, so is all of that.
///
/// The last kMaxViews are remembered, with kMaxShown steps each.
class SnapshotViews {
public:
    static constexpr std::size_t kMaxViews = 64;
    static constexpr std::size_t kMaxShown = 4096;

    /// `portal`: empty for the transaction's own, else '.' and the name.
    void take(Bytes portal, Progress taken) {
        close(portal);
        if (views_.size() >= kMaxViews) views_.pop_front();
        views_.push_back({std::move(portal), taken, {}, true, false});
    }
    /// A step shows something of it. Whether that is open already.
    bool show(const Bytes& portal, Progress step) {
        View* view = open_one(portal);
        if (view == nullptr) return false;
        if (view->shown.size() < kMaxShown) view->shown.push_back(step);
        return view->ambiguous;
    }
    void close_all() {
        for (View& view : views_) view.open = false;
    }
    /// It is open what the snapshot taken then saw: calls on(step) for all that were shown of it.
    template <class On>
    void ambiguous(Progress taken, On&& on) {
        for (View& view : views_) {
            if (view.taken != taken || view.ambiguous) continue;
            view.ambiguous = true;
            for (const Progress step : view.shown) on(step);
        }
    }

private:
    struct View {
        Bytes portal;
        Progress taken;
        std::vector<Progress> shown;
        bool open = true;
        bool ambiguous = false;
    };
    View* open_one(const Bytes& portal) {
        const auto at = std::find_if(views_.rbegin(), views_.rend(),
                                     [&](const View& view) { return view.open && view.portal == portal; });
        return at == views_.rend() ? nullptr : &*at;
    }
    void close(const Bytes& portal) {
        if (View* view = open_one(portal)) view->open = false;
    }

    std::deque<View> views_;
};

}  // namespace understudy::replay
