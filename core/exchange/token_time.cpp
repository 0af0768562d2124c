#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/exchange/token_forms.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value.hpp"
#include "core/pgwire/value_encode.hpp"

namespace understudy::token_forms {
namespace {

namespace oid = pgwire::type_oid;

// Days since 2000-01-01, as PostgreSQL counts them.
constexpr std::int64_t kNearLow = -36'524;   // 1900-01-01
constexpr std::int64_t kNearEnd = 36'525;    // 2100-01-01
constexpr std::int64_t kFarLow = -730'119;   // 0001-01-01
constexpr std::int64_t kFarEnd = 2'921'940;  // 10000-01-01
constexpr std::uint64_t kNear = kNearEnd - kNearLow;
constexpr std::uint64_t kFar = static_cast<std::uint64_t>(kFarEnd - kFarLow) - kNear;
constexpr std::uint64_t kSecondsOfDay = 86'400;
constexpr BytesView kDigits = "0123456789";

Bytes date_text(std::int64_t day) {
    Bytes binary;
    ByteWriter(binary).u32(static_cast<std::uint32_t>(day));
    return pgwire::display_value(oid::date, 1, binary);
}

/// Dates of 1900 to 2099 become such, others others; no two the same.
std::optional<Bytes> date(const KeyedChoice& choice, BytesView text) {
    Bytes binary;
    if (!pgwire::append_binary(oid::date, text, binary)) return std::nullopt;
    const std::int64_t day = ByteReader(binary).i32();
    if (day < kFarLow || day >= kFarEnd) return std::nullopt;
    if (day >= kNearLow && day < kNearEnd) {
        const auto chosen = choice.permute("date", kNear, static_cast<std::uint64_t>(day - kNearLow));
        return date_text(kNearLow + static_cast<std::int64_t>(chosen));
    }
    const std::int64_t index = day - kFarLow - (day >= kNearEnd ? static_cast<std::int64_t>(kNear) : 0);
    auto chosen = static_cast<std::int64_t>(choice.permute("far date", kFar, static_cast<std::uint64_t>(index)));
    chosen += kFarLow;
    return date_text(chosen < kNearLow ? chosen : chosen + static_cast<std::int64_t>(kNear));
}

Bytes clock_text(std::uint64_t second) {
    const auto two = [](std::uint64_t part) {
        return Bytes{static_cast<char>('0' + part / 10), static_cast<char>('0' + part % 10)};
    };
    return two(second / 3600) + ":" + two(second / 60 % 60) + ":" + two(second % 60);
}

/// ".25" → another with as many digits, the last of which is not 0.
Bytes fraction_token(const KeyedChoice& choice, BytesView whole, std::size_t digits) {
    if (digits == 0) return {};
    Bytes fraction = choice.letters("fraction of a second", whole, digits, kDigits);
    if (fraction.back() == '0') fraction.back() = '5';
    return "." + fraction;
}

/// Takes the zeros off the end of the fraction that begins at `dot`, as the server does; returns the digits left.
std::size_t trim_fraction(Bytes& text, std::size_t dot) {
    if (dot == Bytes::npos) return 0;
    std::size_t end = dot + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    std::size_t kept = end;
    while (kept > dot + 1 && text[kept - 1] == '0') --kept;
    text.erase(kept == dot + 1 ? dot : kept, end - (kept == dot + 1 ? dot : kept));
    return kept - dot - 1;
}

std::optional<Bytes> instant(const KeyedChoice& choice, BytesView value) {
    constexpr std::size_t kDate = 10;
    if (value.size() < kDate + 6 || (value[kDate] != ' ' && value[kDate] != 'T')) return std::nullopt;
    Bytes text(value);
    text[kDate] = ' ';
    if (text.back() == 'Z') text.replace(text.size() - 1, 1, "+00");
    Bytes scratch;
    auto canonical = pgwire::canonical_value(oid::timestamp, 0, text, scratch);
    const bool zoned = canonical.value_class != pgwire::ValueClass::timestamp;
    if (zoned) canonical = pgwire::canonical_value(oid::timestamptz, 0, text, scratch);
    if (zoned && canonical.value_class != pgwire::ValueClass::timestamptz) return std::nullopt;
    Bytes plain(canonical.bytes);
    const std::size_t digits = trim_fraction(plain, plain.find('.'));
    if (!zoned && plain.ends_with(" 00:00:00")) {  // equal to the date
        const auto day = date(choice, BytesView(plain).substr(0, plain.size() - 9));
        if (day) return *day + " 00:00:00";
    }
    const auto day = static_cast<std::int64_t>(choice.hash("day of a timestamp", plain) % kNear);
    return date_text(kNearLow + day) + " " + clock_text(choice.hash("second of a timestamp", plain) % kSecondsOfDay) +
           fraction_token(choice, plain, digits) + (zoned ? "+00" : "");
}

std::optional<Bytes> time_of_day(const KeyedChoice& choice, BytesView value) {
    Bytes scratch;
    const auto canonical = pgwire::canonical_value(oid::time, 0, value, scratch);
    if (canonical.value_class != pgwire::ValueClass::time) return std::nullopt;
    Bytes plain(value);
    const std::size_t digits = trim_fraction(plain, plain.find('.'));
    return clock_text(choice.hash("time of day", plain) % kSecondsOfDay) + fraction_token(choice, plain, digits);
}

}  // namespace

std::optional<Bytes> time(const KeyedChoice& choice, BytesView text) {
    if (text == "infinity" || text == "-infinity") return Bytes(text);
    if (text.size() < 8 || text.find_first_not_of("0123456789-: .+TZBC") != BytesView::npos) return std::nullopt;
    for (const auto form : {&date, &instant, &time_of_day}) {
        if (auto token = form(choice, text)) return token;
    }
    return std::nullopt;
}

}  // namespace understudy::token_forms
