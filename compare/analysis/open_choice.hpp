#pragma once

#include "compare/analysis/exchange_diff.hpp"
#include "compare/diff/primary_keys.hpp"

namespace understudy::compare {

/// Whether a statement with LIMIT and without ORDER BY answered other rows of what it could choose from, and nothing else:
/// as many rows with the whole key of a table on both sides, some with keys that the other side has not, and equal rows for
/// equal keys. Rows that only lie elsewhere give that. False where the answers do not show a key (`keys`: the baseline's) or
/// are too large for the digests of their cells to be there.
bool chose_other_rows(const StepDifference& difference, const sql::StatementTraits& traits, const PrimaryKeys& keys);

}  // namespace understudy::compare
