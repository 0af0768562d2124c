#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// A column that a statement names anywhere: in its answer, a condition, a join, an order, a SET or a list of an
/// INSERT.
struct NamedColumn {
    Bytes schema;          ///< of the table as written
    Bytes table;           ///< an alias is resolved; empty: any of the statement's relations
    Bytes column;          ///< empty: all of them (a star, a whole row, an INSERT or COPY without a list)
    bool written = false;  ///< INSERT, UPDATE … SET, COPY … FROM
    friend auto operator<=>(const NamedColumn&, const NamedColumn&) = default;
};

/// The columns that the statements of `sql` name, sorted, each once. Where one alias means different tables in
/// different parts of a statement, all of them count: rather too many are named than too few. Nothing if the parser
/// refused the text. Thread-safe.
std::optional<std::vector<NamedColumn>> named_columns(BytesView sql);

}  // namespace understudy::sql
