#include "core/pgwire/value_encode.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <vector>

#include "core/base/byte_writer.hpp"
#include "core/pgwire/civil_time.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire {
namespace {

template <class Number>
bool read_number(BytesView text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

template <class Integer>
bool append_integer(BytesView text, Bytes& out) {
    Integer number = 0;
    if (!read_number(text, number)) return false;
    for (std::size_t i = sizeof(Integer); i-- > 0;) {
        out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i)));
    }
    return true;
}

bool append_float(std::uint32_t type, BytesView text, Bytes& out) {
    ByteWriter writer(out);
    if (type == type_oid::float4) {
        float number = 0;
        if (!read_number(text, number)) return false;
        writer.u32(std::bit_cast<std::uint32_t>(number));
        return true;
    }
    double number = 0;
    if (!read_number(text, number)) return false;
    writer.u64(std::bit_cast<std::uint64_t>(number));
    return true;
}

/// numeric_send (numeric.c): groups of four decimal digits, the weight of the first, the sign, the scale.
bool append_numeric_binary(BytesView text, Bytes& out) {
    constexpr std::size_t kMaxDigits = 1000;
    if (!internal::is_numeric_text(text) || text.size() > kMaxDigits) return false;
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty() || text[0] < '0' || text[0] > '9') return false;  // NaN, Infinity
    const std::size_t dot = std::min(text.find('.'), text.size());
    Bytes whole(text.substr(0, dot));
    Bytes fraction(text.substr(std::min(dot + 1, text.size())));
    const std::size_t scale = fraction.size();
    whole.insert(0, (4 - whole.size() % 4) % 4, '0');
    fraction.append((4 - fraction.size() % 4) % 4, '0');
    auto weight = static_cast<std::int16_t>(whole.size() / 4);
    const Bytes digits = whole + fraction;
    std::vector<std::uint16_t> groups;
    for (std::size_t i = 0; i < digits.size(); i += 4) {
        std::uint16_t group = 0;
        if (!read_number(BytesView(digits).substr(i, 4), group)) return false;
        groups.push_back(group);
    }
    --weight;
    std::size_t first = 0;
    while (first < groups.size() && groups[first] == 0) {
        ++first;
        --weight;
    }
    while (groups.size() > first && groups.back() == 0) groups.pop_back();
    if (groups.size() == first) weight = 0;
    ByteWriter writer(out);
    writer.u16(static_cast<std::uint16_t>(groups.size() - first));
    writer.i16(weight);
    writer.u16(negative && groups.size() > first ? 0x4000 : 0);
    writer.u16(static_cast<std::uint16_t>(scale));
    for (std::size_t i = first; i < groups.size(); ++i) writer.u16(groups[i]);
    return true;
}

bool append_date_binary(BytesView text, Bytes& out) {
    internal::IsoReader reader(text);
    internal::CivilDate date;
    if (!reader.date(date) || !reader.era(date) || !reader.at_end()) return false;
    ByteWriter(out).u32(static_cast<std::uint32_t>(internal::days_from_civil(date)));
    return true;
}

bool append_instant_binary(std::uint32_t type, BytesView text, Bytes& out) {
    Bytes scratch;
    BytesView in_utc = text;
    if (type == type_oid::timestamptz && !internal::timestamptz_in_utc(text, scratch, in_utc)) return false;
    internal::IsoReader reader(in_utc);
    internal::CivilDate date;
    std::uint64_t micros = 0;
    if (!reader.date(date) || !reader.literal(" ") || !reader.clock(2, micros)) return false;
    if (type == type_oid::timestamptz && !reader.literal("+00")) return false;
    if (!reader.era(date) || !reader.at_end()) return false;
    const std::int64_t days = internal::days_from_civil(date);
    if (days < internal::kMinTimestamp / internal::kMicrosPerDay ||
        days >= internal::kEndTimestamp / internal::kMicrosPerDay) {
        return false;
    }
    const std::int64_t instant = days * internal::kMicrosPerDay + static_cast<std::int64_t>(micros);
    ByteWriter(out).u64(static_cast<std::uint64_t>(instant));
    return true;
}

bool append_time_binary(BytesView text, Bytes& out) {
    internal::IsoReader reader(text);
    std::uint64_t micros = 0;
    if (!reader.clock(2, micros) || !reader.at_end()) return false;
    ByteWriter(out).u64(micros);
    return true;
}

bool append_hex_bytes(BytesView digits, Bytes& out) {
    if (digits.size() % 2 != 0) return false;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
        if (error != std::errc() || end != digits.data() + i + 2) return false;
        out.push_back(static_cast<char>(value));
    }
    return true;
}

bool append_uuid(BytesView text, Bytes& out) {
    Bytes digits(text);
    std::erase(digits, '-');
    return digits.size() == 32 && append_hex_bytes(digits, out);
}

bool append_any(std::uint32_t type, BytesView text, Bytes& out) {
    switch (type) {
        case type_oid::int2: return append_integer<std::int16_t>(text, out);
        case type_oid::int4: return append_integer<std::int32_t>(text, out);
        case type_oid::int8: return append_integer<std::int64_t>(text, out);
        case type_oid::oid: return append_integer<std::uint32_t>(text, out);
        case type_oid::numeric: return append_numeric_binary(text, out);
        case type_oid::float4:
        case type_oid::float8: return append_float(type, text, out);
        case type_oid::boolean: out.push_back(text == "t" ? '\1' : '\0'); return text == "t" || text == "f";
        case type_oid::uuid: return append_uuid(text, out);
        case type_oid::date: return append_date_binary(text, out);
        case type_oid::time: return append_time_binary(text, out);
        case type_oid::timestamp:
        case type_oid::timestamptz: return append_instant_binary(type, text, out);
        case type_oid::bytea: return text.starts_with("\\x") && append_hex_bytes(text.substr(2), out);
        case type_oid::jsonb: out.push_back('\1'); [[fallthrough]];
        case type_oid::json:
        case type_oid::text:
        case type_oid::varchar:
        case type_oid::bpchar:
        case type_oid::name:
        case type_oid::unknown:
        case type_oid::char_byte:
        case type_oid::xml: out.append(text); return true;
        default: return false;
    }
}

}  // namespace

bool append_binary(std::uint32_t type_oid, BytesView text, Bytes& out) {
    const std::size_t before = out.size();
    if (append_any(type_oid, text, out)) return true;
    out.resize(before);
    return false;
}

}  // namespace understudy::pgwire
