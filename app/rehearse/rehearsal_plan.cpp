#include "app/rehearse/rehearsal_plan.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "app/options.hpp"
#include "schema/rollback/rehearse_rollback.hpp"

namespace understudy::app {
namespace {

constexpr double kWeightOfATrial = 0.15;    // a copy, its schema and data read, in replays of the capture
constexpr std::size_t kCommandTrials = 24;  // of a team's own command, whose places to be stopped at are not known yet

/// How long one replay of the capture takes at this speed; nothing at max: that is the target's to say.
std::optional<Duration> replay_time(const std::string& speed, Duration length) {
    if (speed == "max") return std::nullopt;
    const double factor = std::strtod(speed.c_str(), nullptr);
    if (factor <= 0) return std::nullopt;
    return length.scaled(1 / factor);
}

}  // namespace

double RehearsalPlan::weight_from(std::size_t index) const {
    double sum = 0;
    for (std::size_t i = index; i < steps.size(); ++i) sum += steps[i].weight;
    return sum;
}

bool can_rehearse_way_back(const RehearseOptions& options) {
    const MigrationChoice& migration = options.migration;
    return options.reset == "template" && (migration.command.empty() || !migration.rollback_command.empty());
}

RehearsalPlan plan_rehearsal(const RehearseOptions& options, const ChosenMigrations& chosen, const CaptureSpan& span) {
    RehearsalPlan plan;
    const auto add = [&](const char* name, std::string what, double weight = 1) {
        plan.steps.push_back({name, std::move(what), weight});
    };
    add("baseline", "play the capture on the unchanged schema; it must hold the capture's start state");
    if (!options.no_control) add("control", "the same once more: what differs between the two is noise");
    add("candidate", "migrate, then play: sessions opened after the migration");
    add("confirmation", "the same once more: a lone difference must come again");
    if (!options.no_held) {
        add("held baseline", "play with a pause in the middle of the capture, changing nothing");
        add("held candidate",
            "play with the migration in that pause: sessions opened before it, with prepared statements");
        add("held confirmation", "the same once more");
    }
    if (!options.no_traffic) {
        const Duration window = options.traffic_window;
        const double share =
            span.length() > Duration() ? std::min(1.0, window.to_seconds() / span.length().to_seconds()) : 1;
        add("under traffic", "migrate while the capture plays at its own pace, and watch locks and waits",
            (2 * share + 1) * static_cast<double>(options.moments));
    }
    if (!options.no_rollback && can_rehearse_way_back(options)) {
        plan.rollback_trials = options.migration.command.empty()
                                   ? schema::planned_trials(chosen.set, chosen.pending, {}, false)
                                   : kCommandTrials;
        const auto replays = static_cast<double>(std::max<std::size_t>(1, chosen.pending.size()));
        add("rollback", "up and down, a failure at each statement, traffic in between: is there a way back?",
            kWeightOfATrial * static_cast<double>(plan.rollback_trials) + replays);
    }
    add("judgement", "compare the answers", 0.3);
    return plan;
}

std::string plan_text(const RehearsalPlan& plan, const RehearseOptions& options, const ChosenMigrations& chosen,
                      const CaptureSpan& span, const std::string& stage) {
    std::string text = fmt::format("Capture      {}: {} exchanges over {}\n", options.capture,
                                   human_count(span.exchanges), human_duration(span.length()));
    text += fmt::format("Target       {}\n", stage);
    if (!chosen.set.detected.empty()) text += fmt::format("Migration    {}\n", chosen.set.detected);
    for (const std::size_t index : chosen.pending) {
        const schema::Migration& migration = chosen.set.migrations[index];
        text += fmt::format("             {}: {} statements{}\n", migration.title(), migration.up.statements.size(),
                            migration.down ? "" : ", no way back");
    }
    if (!options.migration.command.empty()) text += fmt::format("Migration    {}\n", options.migration.command);
    for (const std::string& warning : chosen.warnings) text += fmt::format("Note         {}\n", warning);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        text += fmt::format("{:2}. {:15} {}\n", i + 1, plan.steps[i].name, plan.steps[i].what);
    }
    const auto once = replay_time(options.speed, span.length());
    if (once) {
        text += fmt::format("At speed {} this takes about {}.\n", options.speed,
                            human_duration(once->scaled(plan.weight_from(0))));
    } else {
        text += fmt::format("At speed max this takes about {:.0f} times as long as one replay, and the copies.\n",
                            plan.weight_from(0));
    }
    return text;
}

}  // namespace understudy::app
