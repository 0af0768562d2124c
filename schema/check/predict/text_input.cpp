#include "schema/check/predict/text_input.hpp"

#include <array>
#include <utility>

namespace understudy::schema {
namespace {

enum class Family : std::uint8_t { text, integer, decimal, boolean, date, timestamp, time, uuid, json, other };

constexpr std::array<std::pair<BytesView, Family>, 18> kFamilies = {{
    {"text", Family::text},
    {"character varying", Family::text},
    {"character", Family::text},
    {"smallint", Family::integer},
    {"integer", Family::integer},
    {"bigint", Family::integer},
    {"numeric", Family::decimal},
    {"real", Family::decimal},
    {"double precision", Family::decimal},
    {"boolean", Family::boolean},
    {"date", Family::date},
    {"timestamp without time zone", Family::timestamp},
    {"timestamp with time zone", Family::timestamp},
    {"time without time zone", Family::time},
    {"time with time zone", Family::time},
    {"uuid", Family::uuid},
    {"json", Family::json},
    {"jsonb", Family::json},
}};

Family family_of(BytesView type) {
    for (const auto& [name, family] : kFamilies) {
        if (name == type) return family;
    }
    return Family::other;
}

const char* refusal_by(Family family) {
    const bool moment = family == Family::date || family == Family::timestamp || family == Family::time;
    return moment ? "22007" : "22P02";
}

bool is_number(Family family) { return family == Family::integer || family == Family::decimal; }

/// No text that the one writes is read by the other.
bool never(Family from, Family to) {
    switch (to) {
        case Family::integer:
        case Family::decimal:
            return from == Family::boolean || from == Family::date || from == Family::timestamp || from == Family::time ||
                   from == Family::uuid;
        case Family::boolean:
            return from == Family::date || from == Family::timestamp || from == Family::time || from == Family::uuid;
        case Family::date:
        case Family::timestamp: return from == Family::boolean || from == Family::time || from == Family::uuid;
        case Family::time: return from == Family::boolean || from == Family::date || from == Family::uuid;
        case Family::uuid:  // a numeric may have 32 digits
            return from == Family::integer || from == Family::boolean || from == Family::date ||
                   from == Family::timestamp || from == Family::time;
        case Family::json:
            return from == Family::boolean || from == Family::date || from == Family::timestamp || from == Family::time ||
                   from == Family::uuid;
        case Family::text:
        case Family::other: return false;
    }
    return false;
}

}  // namespace

TextInput text_input(BytesView from, BytesView to) {
    using enum TextInput::Outcome;
    if (from == to) return {same, ""};
    const Family old = family_of(from);
    const Family now = family_of(to);
    if (now == Family::text) return {old == Family::text ? same : differs, ""};
    if (never(old, now)) return {refused, refusal_by(now)};
    if (old == Family::integer && is_number(now)) return {same, ""};  // a narrower one is another matter: 22003
    if (old == Family::decimal && now == Family::decimal) return {same, ""};
    if (old == now && old != Family::other) return {differs, ""};
    if ((old == Family::date && now == Family::timestamp) || (old == Family::timestamp && now == Family::date) ||
        (is_number(old) && now == Family::json)) {
        return {differs, ""};
    }
    return {unsure, refusal_by(now)};
}

TextInput binary_input(BytesView from, BytesView to) {
    using enum TextInput::Outcome;
    if (from == to) return {same, ""};
    const Family old = family_of(from);
    const Family now = family_of(to);
    if (old == Family::text && now == Family::text) return {same, ""};
    if (old == Family::integer && now == Family::integer) return {refused, "22P03"};
    if (old == Family::timestamp && now == Family::timestamp) return {differs, ""};
    return {unsure, "22P03"};
}

}  // namespace understudy::schema
