#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"

namespace understudy::compare {

/// One way in which two answers to the same step can differ. A closed set: whoever adds one is led by the compiler to
/// every place that has to know it.
enum class DivergenceKind : std::uint8_t {
    error_appeared,     ///< the baseline answered, the candidate refused
    error_disappeared,  ///< the other way around
    error_changed,      ///< both refused, with another SQLSTATE or another schema, table, column, type or constraint
    row_count,
    affected_rows,  ///< the number in the command tag of a statement that writes
    command_tag,    ///< its words
    column_added,
    column_removed,
    column_renamed,  ///< same place, same type, other name
    column_retyped,  ///< type, by name, or type modifier
    column_order,
    parameter_types,  ///< of ParameterDescription
    value,            ///< in one column
    order,            ///< same rows in another order, where the statement orders them
    notice,
    copy_data,
    transaction_status,  ///< of ReadyForQuery
    statement_count,     ///< a Query answered more or fewer statements, without an error
    stall,               ///< it took far longer
};
inline constexpr std::size_t kDivergenceKinds = 19;

/// The name in reports, e.g. "error_appeared".
std::string_view to_string(DivergenceKind kind);

/// One difference in one step. `baseline` and `candidate` say in a few words what each side has there; they hold names,
/// types, numbers and messages, never values of rows.
struct Divergence {
    DivergenceKind kind = DivergenceKind::value;
    Bytes place;     ///< where in the answer: "column total", "$2", "rows", "error" …
    Bytes sqlstate;  ///< of the candidate's error, or of the baseline's where that one disappeared; else empty
    Bytes baseline;
    Bytes candidate;

    /// Whether it is the same kind of difference at the same place.
    [[nodiscard]] bool same_cell(const Divergence& other) const {
        return kind == other.kind && place == other.place && sqlstate == other.sqlstate;
    }
};

/// Differences that data and chance can make: they need evidence beyond one occurrence. The others are facts about the
/// schema or the statement and need none.
constexpr bool is_soft(DivergenceKind kind) {
    switch (kind) {
        case DivergenceKind::row_count:
        case DivergenceKind::affected_rows:
        case DivergenceKind::value:
        case DivergenceKind::order:
        case DivergenceKind::notice:
        case DivergenceKind::copy_data:
        case DivergenceKind::stall: return true;
        case DivergenceKind::error_appeared:
        case DivergenceKind::error_disappeared:
        case DivergenceKind::error_changed:
        case DivergenceKind::command_tag:
        case DivergenceKind::column_added:
        case DivergenceKind::column_removed:
        case DivergenceKind::column_renamed:
        case DivergenceKind::column_retyped:
        case DivergenceKind::column_order:
        case DivergenceKind::parameter_types:
        case DivergenceKind::transaction_status:
        case DivergenceKind::statement_count: return false;
    }
    return false;
}

/// Differences in the rows of an answer.
constexpr bool is_about_rows(DivergenceKind kind) {
    return kind == DivergenceKind::row_count || kind == DivergenceKind::value || kind == DivergenceKind::order;
}

constexpr bool is_error(DivergenceKind kind) {
    return kind == DivergenceKind::error_appeared || kind == DivergenceKind::error_disappeared ||
           kind == DivergenceKind::error_changed;
}

/// Differences in the shape of an answer, which Describe and Execute of one exchange both show.
constexpr bool is_shape(DivergenceKind kind) {
    return kind == DivergenceKind::column_added || kind == DivergenceKind::column_removed ||
           kind == DivergenceKind::column_renamed || kind == DivergenceKind::column_retyped ||
           kind == DivergenceKind::column_order || kind == DivergenceKind::parameter_types;
}

}  // namespace understudy::compare
