#pragma once

#include <optional>
#include <vector>

#include "core/sql/access.hpp"

namespace understudy::sql {

/// A column of the row that a trigger is run for: NEW.column or OLD.column.
struct RowColumn {
    Bytes column;
    bool old = false;
    friend bool operator==(const RowColumn&, const RowColumn&) = default;
};

/// What the statements in a function's body touch by themselves. Values are those of texts that nobody keeps, except
/// columns of a trigger's row, which stand in `equal` and `rows` as parameters from kFirstRowColumn on. Besides them
/// of relations only names, kind, locks and `columns` are filled in, of functions only the names.
struct BodyAccess {
    static constexpr std::uint32_t kFirstRowColumn = 10'000;

    std::vector<RelationAccess> relations;
    std::vector<RowColumn> row_columns;  ///< by parameter, less kFirstRowColumn
    std::vector<FunctionUse> functions;
};

/// Longer definitions are not looked at.
inline constexpr std::size_t kMaxFunctionDefinition = std::size_t{64} << 10U;

/// The body of a function or procedure of language sql or plpgsql; `definition` is its CREATE FUNCTION statement, as
/// pg_get_functiondef() gives it. Nothing where it cannot be told: another language, dynamic SQL (EXECUTE), COMMIT and
/// ROLLBACK, CALL, statements that may do anything, a text that is too long or that libpg_query refuses (it knows no
/// cursor variables). Thread-safe.
std::optional<BodyAccess> function_body_access(BytesView language, BytesView definition);

}  // namespace understudy::sql
