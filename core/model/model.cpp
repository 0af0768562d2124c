#include "core/model/event.hpp"

namespace understudy {

BytesView ServerMessage::get(char letter) const {
    for (const auto& [key, value] : fields) {
        if (key == letter) return value;
    }
    return {};
}

std::string_view to_string(StepKind kind) {
    switch (kind) {
        case StepKind::unknown: return "unknown";
        case StepKind::parse: return "Parse";
        case StepKind::bind: return "Bind";
        case StepKind::describe: return "Describe";
        case StepKind::execute: return "Execute";
        case StepKind::close: return "Close";
        case StepKind::sync: return "Sync";
        case StepKind::statement: return "Statement";
        case StepKind::function_call: return "FunctionCall";
    }
    return "unknown";
}

std::string_view to_string(StepOutcome outcome) {
    switch (outcome) {
        case StepOutcome::complete: return "complete";
        case StepOutcome::error: return "error";
        case StepOutcome::skipped: return "skipped";
        case StepOutcome::suspended: return "suspended";
        case StepOutcome::empty: return "empty";
        case StepOutcome::incomplete: return "incomplete";
        case StepOutcome::unanswered: return "unanswered";
        case StepOutcome::not_sent: return "not sent";
    }
    return "unknown";
}

std::string_view to_string(ResultsPolicy policy) {
    switch (policy) {
        case ResultsPolicy::digest: return "digest";
        case ResultsPolicy::sample: return "sample";
        case ResultsPolicy::full: return "full";
    }
    return "unknown";
}

std::string_view to_string(SessionEnd end) {
    switch (end) {
        case SessionEnd::terminate: return "terminated by the client";
        case SessionEnd::connection: return "connection closed";
        case SessionEnd::refused: return "refused by the server";
        case SessionEnd::still_open: return "open at the end";
        case SessionEnd::encrypted: return "encrypted";
        case SessionEnd::not_postgresql: return "not PostgreSQL";
        case SessionEnd::replication: return "replication";
        case SessionEnd::cancel_request: return "cancel request";
        case SessionEnd::failed: return "failed";
    }
    return "unknown";
}

}  // namespace understudy
