#pragma once

#include <cstdint>
#include <string_view>

#include "compare/diff/divergence.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::compare {

/// Why an answer differs without any change, as far as it can be told.
enum class NoiseClass : std::uint8_t {
    time_dependent,  ///< the statement, or the column, holds the time of the run
    random,          ///< random numbers, new UUIDs
    choice,          ///< which rows come is open: LIMIT without ORDER BY, SKIP LOCKED
    order,           ///< the same rows in another order
    concurrency,     ///< sessions met otherwise
    unconfirmed,     ///< seen once, and not again
};
/// "time-dependent", "random", …
std::string_view to_string(NoiseClass noise);

/// What the text of a statement says of answers that no two runs share.
struct Volatility {
    bool clock = false;
    bool random = false;
    bool open_choice = false;
};
Volatility volatility_of(const sql::StatementTraits& traits, BytesView statement);

/// `type_oid`: of the column that differs; 0 where it is none. Call it for what was set apart as noise.
NoiseClass noise_class_of(DivergenceKind kind, const Volatility& volatility, std::uint32_t type_oid);

}  // namespace understudy::compare
