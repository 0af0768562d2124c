#include "compare/analysis/noise_class.hpp"

#include <array>

#include "compare/analysis/called_function.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::compare {
namespace {

bool skips_locked(BytesView statement) {
    bool skip = false;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (skip && sql::is_word(token, "locked")) return true;
        skip = sql::is_word(token, "skip");
    }
    return false;
}

}  // namespace

std::string_view to_string(NoiseClass noise) {
    switch (noise) {
        case NoiseClass::time_dependent: return "time-dependent";
        case NoiseClass::random: return "random";
        case NoiseClass::choice: return "choice";
        case NoiseClass::order: return "order";
        case NoiseClass::concurrency: return "concurrency";
        case NoiseClass::unconfirmed: return "unconfirmed";
    }
    return "unknown";
}

Volatility volatility_of(const sql::StatementTraits& traits, BytesView statement) {
    static constexpr std::array<BytesView, 12> kClock{
        "now",           "current_timestamp", "current_date",   "current_time",          "localtime", "localtimestamp",
        "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday", "age", "pg_postmaster_start_time"};
    static constexpr std::array<BytesView, 9> kRandom{
        "random",           "gen_random_uuid",    "gen_random_bytes", "uuid_generate_v4", "uuid_generate_v1",
        "uuid_generate_v1mc", "random_normal", "uuidv7",           "uuidv4"};
    Volatility found;
    found.clock = calls_one_of(traits.functions, kClock);
    found.random = calls_one_of(traits.functions, kRandom);
    found.open_choice = (traits.limited && !traits.ordered) || skips_locked(statement);
    return found;
}

NoiseClass noise_class_of(DivergenceKind kind, const Volatility& volatility, std::uint32_t type_oid) {
    namespace oid = pgwire::type_oid;
    if (kind == DivergenceKind::order) return NoiseClass::order;
    if (is_error(kind)) return NoiseClass::concurrency;
    if (volatility.open_choice) return NoiseClass::choice;
    const bool moment = type_oid == oid::timestamptz || type_oid == oid::timestamp || type_oid == oid::date ||
                        type_oid == oid::time || type_oid == oid::interval;
    if (moment) return NoiseClass::time_dependent;
    if (volatility.random || type_oid == oid::uuid) return NoiseClass::random;
    if (volatility.clock) return NoiseClass::time_dependent;
    return NoiseClass::concurrency;
}

}  // namespace understudy::compare
