#pragma once

#include <vector>

#include "compare/analysis/exchange_diff.hpp"
#include "compare/diff/row_pairs.hpp"

namespace understudy::compare {

/// One occurrence of a difference, to be looked at and tried by hand.
struct Example {
    ExchangeId exchange;
    Timestamp asked;  ///< by the baseline's client
    std::uint32_t step = 0;
    StepKind kind = StepKind::unknown;
    Bytes sql;  ///< can be pasted into psql; empty when the statement is not known
    Bytes baseline;
    Bytes candidate;
    RowDiff rows;  ///< values of the database: not for eyes outside
};

/// Whether `other` is the better one of a difference: one that shows rows, then the earlier one.
bool is_better_example(const Example& other, const Example& than);

inline constexpr std::size_t kMaxExampleBytes = 16U << 10U;

/// `parameter_description`: of the statement, from a Describe; may be empty. `keys` are the baseline's.
Example make_example(const ObservedExchange& baseline, const StepDifference& difference,
                     BytesView parameter_description, ShapeComparer& shapes, const PrimaryKeys& keys);

}  // namespace understudy::compare
