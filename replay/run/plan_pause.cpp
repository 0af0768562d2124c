#include <fmt/format.h>

#include "core/store/capture_reader.hpp"
#include "replay/plan/quiet_moment.hpp"
#include "replay/run/pause.hpp"

namespace understudy::replay {
namespace {

/// Gives a sink what is to be replayed of the files, until it has seen enough.
template <class Enough>
Result<void> scan(const std::vector<std::string>& files, const store::KeyRing& keys, const SelectionOptions& options,
                  PlannedSink& sink, Enough enough) {
    Selection selection(options, sink);
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(file, keys));
        while (!enough() && !selection.past_end()) {
            UNDERSTUDY_TRY(std::optional<Event> event, reader->next());
            if (!event) break;
            selection.on_event(std::move(*event));
        }
    }
    return {};
}

}  // namespace

Result<PauseOptions> plan_pause(const std::vector<std::string>& files, const store::KeyRing& keys,
                                const SelectionOptions& selection, Timestamp at, Duration wait, bool warm) {
    QuietMoment quiet(at, wait);
    UNDERSTUDY_CHECK(scan(files, keys, selection, quiet, [&] { return quiet.done(); }));
    if (!quiet.open()) return make_error(Errc::usage, "--pause-at is after the end of what is replayed");
    WarmPlan plan(quiet.moment(), warm);
    UNDERSTUDY_CHECK(scan(files, keys, selection, plan, [&] { return plan.done(); }));
    PauseOptions pause;
    pause.moment = quiet.moment();
    pause.wait = wait;
    pause.warm = warm;
    pause.held = plan.held();
    return pause;
}

}  // namespace understudy::replay
