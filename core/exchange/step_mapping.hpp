#pragma once

#include "core/model/step.hpp"
#include "core/pgwire/response_tracker.hpp"

namespace understudy {

/// What the protocol's tracker calls a step and its end, in a recording's words.
StepKind step_kind(pgwire::PendingKind kind);
StepOutcome step_outcome(pgwire::Ending ending);

}  // namespace understudy
