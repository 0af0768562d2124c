#include "compare/analysis/cell_notes.hpp"

#include <array>

#include "compare/analysis/called_function.hpp"
#include "compare/rules/tolerance.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/type_oid.hpp"

namespace understudy::compare {
namespace {

/// Keeps the type of the column that differs.
void note_type(Cell& cell, const StepDifference& difference) {
    constexpr BytesView kColumn = "column ";
    if (cell.type_oid != 0 || difference.baseline == nullptr || !cell.divergence.place.starts_with(kColumn)) return;
    const BytesView name = BytesView(cell.divergence.place).substr(kColumn.size());
    const auto description = pgwire::decode_row_description(difference.baseline->row_description);
    if (!description) return;
    for (const pgwire::ColumnDescription& column : description->columns) {
        if (column.name == name) cell.type_oid = column.type_oid;
    }
}

/// Keeps the table and the constraint that the error names.
void note_error(Cell& cell, const StepDifference& difference) {
    for (const StepResult* result : {difference.other, difference.baseline}) {
        if (result != nullptr && result->error && result->error->get('R') == "exec_stmt_raise") cell.raised = true;
    }
    if (!cell.error_table.empty() || !is_error(cell.divergence.kind)) return;
    for (const StepResult* result : {difference.other, difference.baseline}) {
        if (result == nullptr || !result->error) continue;
        cell.error_table = result->error->get('t');
        cell.error_constraint = result->error->get('n');
        return;
    }
}

/// Counts sums of floating-point numbers that differ in no more than their last digits.
void note_float_sum(Cell& cell, const StepDifference& difference) {
    namespace oid = pgwire::type_oid;
    if (difference.divergence.kind != DivergenceKind::value) return;
    if (cell.type_oid != oid::float8 && cell.type_oid != oid::float4) return;
    constexpr std::array<BytesView, 8> kSums{"sum",        "avg",      "stddev",   "stddev_samp",
                                              "stddev_pop", "variance", "var_samp", "var_pop"};
    if (!calls_one_of(cell.functions, kSums)) return;
    Rule last_digits;
    last_digits.place = cell.divergence.place;
    last_digits.relative = cell.type_oid == oid::float8 ? 1e-12 : 1e-5;
    if (within_tolerance(last_digits, difference).value_or(false)) ++cell.float_sums;
}

}  // namespace

void note_difference(Cell& cell, const StepDifference& difference, const Corroboration& seen) {
    note_type(cell, difference);
    note_error(cell, difference);
    note_float_sum(cell, difference);
    const bool candidate_agrees = seen.in_confirmation && !seen.differs_from_confirmation;
    if (seen.in_control && !seen.baseline_odd && candidate_agrees) cell.frozen.add(difference);
}

}  // namespace understudy::compare
