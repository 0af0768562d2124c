#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// A column of a table or view, as a query writes it.
struct ColumnOrigin {
    Bytes schema;
    Bytes table;  ///< empty: an expression, one of several columns, or not known
    Bytes column;

    friend bool operator==(const ColumnOrigin&, const ColumnOrigin&) = default;
};

/// For each column of the query's answer which column it is, unchanged, through subqueries and WITH; up to the first
/// star of which the columns are not known. A column without its table counts where FROM has one relation. Nothing if
/// the parser refused `query`, or it is not one statement. Thread-safe.
std::optional<std::vector<ColumnOrigin>> output_origins(BytesView query);

}  // namespace understudy::sql
