#include "schema/rollback/classify.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::schema {
namespace {

std::string first_lines(const std::vector<std::string>& lines, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < std::min(count, lines.size()); ++i) text += (i == 0 ? "" : "; ") + lines[i];
    if (lines.size() > count) text += "; …";
    return text;
}

std::string down_name(const Migration& migration) { return migration.down ? migration.down->path : "the way back"; }

/// Why a step does not help.
std::string shortcoming(const char* step, const std::optional<StepOutcome>& outcome, const char* aim) {
    if (!outcome) return fmt::format("there is no {}", step);
    if (!outcome->ran) return fmt::format("{} fails: {}", step, outcome->failure);
    if (!outcome->schema_equal) {
        return fmt::format("{} runs, but the schema is not that {} ({})", step, aim,
                           first_lines(outcome->difference, 2));
    }
    return fmt::format("{} runs, but the data is not that {}", step, aim);
}

/// The migration that goes through, taken back; adds its reasons.
RollbackClass class_of_way_back(const Migration& migration, const MigrationTrials& trials,
                                std::vector<std::string>& reasons) {
    const RoundTrip& trip = trials.round_trip;
    if (!trip.down) {
        if (!migration.declared_irreversible.empty()) {
            reasons.push_back("declared irreversible: " + migration.declared_irreversible);
            return RollbackClass::declared_irreversible;
        }
        reasons.push_back(
            migration.repeatable
                ? "a repeatable migration has no way back of its own: going back means running its earlier text"
                : "there is no way back, and nothing says that this is meant");
        return RollbackClass::undeclared_irreversible;
    }
    if (!trip.down->ran) {
        if (!migration.declared_irreversible.empty()) {
            reasons.push_back("declared irreversible: " + migration.declared_irreversible);
            return RollbackClass::declared_irreversible;
        }
        reasons.push_back(fmt::format("{} fails after up went through: {}", down_name(migration), trip.down->failure));
        return RollbackClass::undeclared_irreversible;
    }
    if (!trip.down->schema_equal && !trip.rearranged) {
        reasons.push_back(fmt::format("{} runs, but the schema is not what it was: {}", down_name(migration),
                                      first_lines(trip.down->difference, 4)));
        return RollbackClass::undeclared_irreversible;
    }
    const bool lossy = std::any_of(trip.changes.begin(), trip.changes.end(), loses_data);
    if (lossy) {
        for (const DataChange& change : trip.changes) reasons.push_back("after up and down: " + change.to_string());
        return RollbackClass::lossy;
    }
    if (trip.rearranged || !trip.changes.empty()) {
        std::string what;
        for (const DataChange& change : trip.changes) what += (what.empty() ? "" : "; ") + change.to_string();
        if (what.empty()) what = first_lines(trip.down->difference, 4);
        reasons.push_back("after up and down the same things are there, but not as they were: " + what);
        return RollbackClass::undeclared_irreversible;
    }
    return RollbackClass::reversible;
}

/// Down that works on an idle database, and not after new writes.
RollbackClass class_after_traffic(const Migration& migration, const TrafficTrip& trip,
                                  std::vector<std::string>& reasons) {
    if (!trip.down) return RollbackClass::reversible;
    if (!trip.down->ran) {
        reasons.push_back(fmt::format("{} fails once traffic has written under the new schema: {}",
                                      down_name(migration), trip.down->failure));
        return RollbackClass::undeclared_irreversible;
    }
    if (std::any_of(trip.changes.begin(), trip.changes.end(), loses_data)) {
        for (const DataChange& change : trip.changes) {
            if (loses_data(change)) reasons.push_back("after up, traffic and down: " + change.to_string());
        }
        return RollbackClass::lossy;
    }
    return RollbackClass::reversible;
}

void add_unrecoverable(const Migration& migration, const MigrationTrials& trials, std::vector<std::string>& reasons) {
    std::vector<std::string> found;
    for (const PartialOutcome& partial : trials.partial) {
        if (partial.recoverable()) continue;
        found.push_back(fmt::format("when it fails {}: {}", partial.where(), what_to_do(migration, partial)));
    }
    constexpr std::size_t kSaid = 3;
    const std::size_t count = found.size();
    if (count > kSaid) {
        found.resize(kSaid);
        found.push_back(fmt::format("… and in {} more such places", count - kSaid));
    }
    reasons.insert(reasons.begin(), found.begin(), found.end());
}

}  // namespace

const char* to_string(RollbackClass value) {
    switch (value) {
        case RollbackClass::reversible: return "reversible";
        case RollbackClass::lossy: return "lossy";
        case RollbackClass::declared_irreversible: return "declared irreversible";
        case RollbackClass::undeclared_irreversible: return "undeclared irreversible";
        case RollbackClass::migration_fails: return "migration fails";
        case RollbackClass::unrecoverable: return "unrecoverable partial state";
    }
    return "";
}

const char* to_string(Left left) {
    switch (left) {
        case Left::nothing: return "nothing";
        case Left::partial: return "a part";
        case Left::all: return "all of it";
    }
    return "";
}

std::string PartialOutcome::where() const {
    if (!place.empty()) return place;
    if (by_itself) return fmt::format("at statement {} (line {}), by itself", statement + 1, line);
    if (interruption)
        return fmt::format("inside statement {} (line {}), {}", statement + 1, line, schema::to_string(*interruption));
    return fmt::format("after statement {} (line {})", statement + 1, line);
}

std::string what_to_do(const Migration& migration, const PartialOutcome& partial) {
    if (partial.left == Left::nothing) return "nothing: the database is as it was before";
    if (partial.left == Left::all) {
        return "nothing to the database: the migration went through although its runner saw it fail. Tell the tool "
               "that it is "
               "applied before it is run again";
    }
    if (partial.up_again && partial.up_again->restored()) return "run the migration again";
    if (partial.down && partial.down->restored()) return "run the way back";
    const std::string why = fmt::format("{}, and {}", shortcoming("up again", partial.up_again, "after up"),
                                        shortcoming("down", partial.down, "before up"));
    const std::string remains = partial.remains.empty() ? "data was changed" : first_lines(partial.remains, 4);
    const bool inside = partial.interruption.has_value() || partial.by_itself;
    const std::size_t next = partial.statement + (inside ? 0 : 1);
    const auto& statements = migration.up.statements;
    const std::string rest = next < statements.size() ? fmt::format("run {} from line {} on by hand", migration.up.path,
                                                                    statements[next].line)
                                                      : fmt::format("finish {} by hand", migration.up.path);
    return fmt::format("a part is left ({}); {}. A person must undo by hand what is left, or {}", remains, why, rest);
}

Classification classify(const Migration& migration, const MigrationTrials& trials) {
    Classification result;
    const RoundTrip& trip = trials.round_trip;
    if (!trip.up.ran) {
        result.way_back = RollbackClass::migration_fails;
        result.reasons.push_back(fmt::format("the migration itself fails: {}", trip.up.failure));
    } else {
        result.way_back = class_of_way_back(migration, trials, result.reasons);
        if (trials.traffic) {
            result.way_back =
                std::max(result.way_back, class_after_traffic(migration, *trials.traffic, result.reasons));
        }
        if (trip.verify && !trip.verify->ran) {
            result.reasons.push_back(
                fmt::format("{} fails after up: {}", migration.verify->path, trip.verify->failure));
        }
        if (trip.up_again && !trip.up_again->restored()) {
            result.reasons.push_back("after down, " + shortcoming("up again", trip.up_again, "after the first time"));
            result.way_back = std::max(
                result.way_back, trip.up_again->ran ? RollbackClass::lossy : RollbackClass::undeclared_irreversible);
        }
    }
    result.overall = result.way_back;
    const bool stuck = std::any_of(trials.partial.begin(), trials.partial.end(),
                                   [](const PartialOutcome& partial) { return !partial.recoverable(); });
    if (stuck) {
        result.overall = RollbackClass::unrecoverable;
        add_unrecoverable(migration, trials, result.reasons);
    }
    return result;
}

}  // namespace understudy::schema
