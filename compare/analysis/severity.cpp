#include "compare/analysis/severity.hpp"

namespace understudy::compare {

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::breaking: return "breaking";
        case Severity::wrong_answer: return "wrong answer";
        case Severity::risky: return "risky";
        case Severity::cosmetic: return "cosmetic";
    }
    return "unknown";
}

Severity severity_of(const Divergence& divergence, Cause cause) {
    if (cause == Cause::replay_artefact || cause == Cause::environment) return Severity::risky;
    switch (divergence.kind) {
        case DivergenceKind::error_appeared:
        case DivergenceKind::error_changed:
        case DivergenceKind::statement_count:
        case DivergenceKind::transaction_status:
        case DivergenceKind::column_removed:
        case DivergenceKind::column_renamed: return Severity::breaking;
        case DivergenceKind::row_count:
        case DivergenceKind::affected_rows:
        case DivergenceKind::command_tag:
        case DivergenceKind::copy_data:
        case DivergenceKind::value:
        case DivergenceKind::order: return Severity::wrong_answer;
        case DivergenceKind::column_retyped:
        case DivergenceKind::parameter_types:
        case DivergenceKind::column_added:
        case DivergenceKind::column_order:
        case DivergenceKind::error_disappeared:
        case DivergenceKind::stall: return Severity::risky;
        case DivergenceKind::notice:  // notices are for people, notifications and settings for programs
            return divergence.place == "notice" ? Severity::cosmetic : Severity::wrong_answer;
    }
    return Severity::risky;
}

}  // namespace understudy::compare
