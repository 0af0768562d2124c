#include "replay/plan/quiet_moment.hpp"

#include "core/store/capture_codec.hpp"

namespace understudy::replay {

void QuietMoment::on_planned(Planned&& planned) {
    if (planned.left_out.yes()) return;
    const Timestamp time = store::event_time(planned.event);
    if (time.known() && time >= at_ && !open_) consider(at_);
    if (time > until_) passed_ = true;
    if (done()) return;
    work_.on_event(planned.event);
    if (time >= at_) consider(time + Duration::nanoseconds(1));
}

void QuietMoment::consider(Timestamp moment) {
    if (open_ && *open_ <= work_.open()) return;
    open_ = work_.open();
    best_ = moment;
}

}  // namespace understudy::replay
