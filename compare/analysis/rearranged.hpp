#pragma once

#include "compare/analysis/exchange_diff.hpp"
#include "compare/analysis/statement_facts.hpp"

namespace understudy::compare {

/// Whether a statement without any ORDER BY answered the same values put together in another order, as the rows came:
/// array_agg, string_agg, json_agg and their like, whose values consist of the same bytes on both sides; or row_number()
/// and other window functions over rows without an order, where every column has the same values (PostgreSQL docs, 9.21
/// "Aggregate Functions": "this ordering is unspecified by default"). False where the rows were not kept, or, for window
/// functions, the answer is too large for the digests of its cells to be there.
bool rearranged(const StepDifference& difference, const StatementFacts& facts);

}  // namespace understudy::compare
