#include "compare/diff/divergence.hpp"

namespace understudy::compare {

std::string_view to_string(DivergenceKind kind) {
    switch (kind) {
        case DivergenceKind::error_appeared: return "error_appeared";
        case DivergenceKind::error_disappeared: return "error_disappeared";
        case DivergenceKind::error_changed: return "error_changed";
        case DivergenceKind::row_count: return "row_count";
        case DivergenceKind::affected_rows: return "affected_rows";
        case DivergenceKind::command_tag: return "command_tag";
        case DivergenceKind::column_added: return "column_added";
        case DivergenceKind::column_removed: return "column_removed";
        case DivergenceKind::column_renamed: return "column_renamed";
        case DivergenceKind::column_retyped: return "column_retyped";
        case DivergenceKind::column_order: return "column_order";
        case DivergenceKind::parameter_types: return "parameter_types";
        case DivergenceKind::value: return "value";
        case DivergenceKind::order: return "order";
        case DivergenceKind::notice: return "notice";
        case DivergenceKind::copy_data: return "copy_data";
        case DivergenceKind::transaction_status: return "transaction_status";
        case DivergenceKind::statement_count: return "statement_count";
        case DivergenceKind::stall: return "stall";
    }
    return "unknown";
}

}  // namespace understudy::compare
