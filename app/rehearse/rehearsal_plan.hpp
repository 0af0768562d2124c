#pragma once

#include <string>
#include <vector>

#include "app/rehearse/comparing.hpp"
#include "app/rehearse/rehearse_options.hpp"

namespace understudy::app {

struct PlannedStep {
    std::string name;   ///< "baseline", "held candidate" …
    std::string what;   ///< one sentence
    double weight = 1;  ///< how long it takes, in replays of the capture
};

/// What a rehearsal will do, in order. Pure.
struct RehearsalPlan {
    std::vector<PlannedStep> steps;
    std::size_t rollback_trials = 0;  ///< expected

    /// The weight of the steps from `index` on.
    [[nodiscard]] double weight_from(std::size_t index) const;
};

/// The way back needs copies of the target, and of a team's own command both directions.
bool can_rehearse_way_back(const RehearseOptions& options);

RehearsalPlan plan_rehearsal(const RehearseOptions& options, const ChosenMigrations& chosen, const CaptureSpan& span);

/// For --plan: the steps, and how long they should take where that can be said (at a speed other than max).
std::string plan_text(const RehearsalPlan& plan, const RehearseOptions& options, const ChosenMigrations& chosen,
                      const CaptureSpan& span, const std::string& stage);

}  // namespace understudy::app
