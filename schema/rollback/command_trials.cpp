#include <fmt/format.h>

#include <utility>

#include "schema/rollback/migration_rehearsal.hpp"

// What happens to a team's own command on its way. Its statements are not known before it runs: the host watches a run,
// says where it can be stopped, and stops it there.
namespace understudy::schema {

Result<void> MigrationRehearsal::command_trials(MigrationTrials& trials) {
    constexpr const char* kWhat = "the command is stopped on its way";
    if (!trials.round_trip.up.ran) {
        trials.skipped.push_back({kWhat, "it fails by itself"});
        return {};
    }
    bench_.host().progress(migration_.title() + ": where it can be stopped");
    UNDERSTUDY_TRY(const OwnedCopy watched, bench_.copy_of(&base_));
    UNDERSTUDY_TRY(const CommandPlaces found, bench_.host().command_places(watched.get()));
    for (const std::string& why : found.not_cut) trials.skipped.push_back({kWhat, why});
    const std::vector<std::size_t> chosen = spread(found.places.size(), bench_.settings().trials.command_places);
    if (chosen.size() < found.places.size()) {
        trials.skipped.push_back({fmt::format("{} places to stop it at", found.places.size() - chosen.size()),
                                  fmt::format("the limit of {} for a command", chosen.size())});
    }
    for (const std::size_t index : chosen) {
        for (const Interruption kind : {Interruption::terminate, Interruption::drop}) {
            if (bench_.host().stop_requested()) return make_error(Errc::inconclusive, "stopped as asked");
            UNDERSTUDY_CHECK(try_command(found.places[index], kind, trials));
        }
    }
    return {};
}

Result<void> MigrationRehearsal::try_command(const CommandPlace& place, Interruption kind, MigrationTrials& trials) {
    PartialOutcome partial;
    partial.interruption = kind;
    partial.place =
        fmt::format("{}, {}", place.text, kind == Interruption::drop ? "the command killed" : "its backend terminated");
    bench_.host().progress(fmt::format("{}: stopped {}", migration_.title(), partial.place));
    std::optional<OwnedCopy> copy = std::exchange(spare_, std::nullopt);
    if (!copy) {
        UNDERSTUDY_TRY(OwnedCopy fresh, bench_.copy_of(&base_));
        copy.emplace(std::move(fresh));
    }
    UNDERSTUDY_TRY(const CommandOutcome ended, bench_.host().cut_command(copy->get(), place, kind));
    if (!ended.cut) {
        trials.skipped.push_back({"stopped " + partial.place, "this time it did not come there, or too briefly"});
        return {};
    }
    partial.failure = ended.message;
    UNDERSTUDY_TRY(const bool untouched, judge_partial(copy->get(), std::move(partial), trials));
    if (untouched) spare_ = std::move(copy);
    return {};
}

}  // namespace understudy::schema
