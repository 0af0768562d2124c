#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// One term of an ORDER BY, as far as it names a column of the result: by number or by name.
struct OrderColumn {
    std::uint32_t position = 0;  ///< from 1; 0: it is by name
    Bytes name;                  ///< without its table; empty with position 0: an expression
    friend bool operator==(const OrderColumn&, const OrderColumn&) = default;
};

/// The terms of the statement's own ORDER BY (of a cursor's or COPY's query, too; not of a subquery), in their order.
/// Empty: it has none, or is not understood. Never fails. Thread-safe.
std::vector<OrderColumn> order_columns(BytesView one_statement);

}  // namespace understudy::sql
