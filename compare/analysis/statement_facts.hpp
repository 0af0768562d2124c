#pragma once

#include <unordered_map>

#include "compare/analysis/observed.hpp"
#include "compare/diff/step_diff.hpp"
#include "core/sql/fingerprint.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::compare {

/// What the text of one statement tells. Computed only where answers differ: the equal case parses no SQL.
struct StatementFacts {
    Bytes sql;  ///< empty: unknown
    sql::Fingerprint fingerprint;
    sql::StatementTraits traits;
};

/// The text of a step's statement: of a Query the one that the step answers; empty when unknown.
Bytes statement_of(const StepContext* context, std::uint32_t step);

/// Remembers the facts of the texts it was asked about.
class FactsCache {
public:
    static constexpr std::size_t kMaxTexts = 20'000;
    static constexpr std::size_t kMaxBytes = 64U << 20U;

    /// Valid until the next call.
    const StatementFacts& of(const StepContext* context, std::uint32_t step);
    /// How the step's statement orders its rows.
    StatementOrder order_of(const StepContext* context, std::uint32_t step);

private:
    std::unordered_map<Bytes, StatementFacts> facts_;
    std::size_t bytes_ = 0;
};

}  // namespace understudy::compare
