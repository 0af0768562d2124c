#include "core/exchange/step_mapping.hpp"

namespace understudy {

StepKind step_kind(pgwire::PendingKind kind) {
    using pgwire::PendingKind;
    switch (kind) {
        case PendingKind::parse: return StepKind::parse;
        case PendingKind::bind: return StepKind::bind;
        case PendingKind::describe: return StepKind::describe;
        case PendingKind::execute: return StepKind::execute;
        case PendingKind::close: return StepKind::close;
        case PendingKind::sync: return StepKind::sync;
        case PendingKind::query: return StepKind::statement;
        case PendingKind::function_call: return StepKind::function_call;
    }
    return StepKind::unknown;
}

StepOutcome step_outcome(pgwire::Ending ending) {
    switch (ending) {
        case pgwire::Ending::complete: return StepOutcome::complete;
        case pgwire::Ending::suspended: return StepOutcome::suspended;
        case pgwire::Ending::empty: return StepOutcome::empty;
        case pgwire::Ending::error: return StepOutcome::error;
        case pgwire::Ending::skipped: return StepOutcome::skipped;
        case pgwire::Ending::incomplete: return StepOutcome::incomplete;
    }
    return StepOutcome::incomplete;
}

}  // namespace understudy
