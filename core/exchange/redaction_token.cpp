#include "core/exchange/redaction_token.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/exchange/token_forms.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value.hpp"
#include "core/pgwire/value_encode.hpp"

namespace understudy {
namespace {

namespace oid = pgwire::type_oid;

constexpr std::uint32_t kInterval = oid::interval;

/// The text that stands for a value of a type whose forms vary.
Bytes plain_text(std::uint32_t type, BytesView value) {
    Bytes scratch;
    const auto canonical = pgwire::canonical_value(type, 0, value, scratch);
    if (type == oid::bytea && canonical.value_class == pgwire::ValueClass::bytea) {
        return pgwire::display_value(0, 1, canonical.bytes);  // \x…
    }
    if (type == oid::uuid) return Bytes(canonical.bytes);
    return Bytes(value);
}

bool printable(BytesView value) {
    return std::none_of(value.begin(), value.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
    });
}

}  // namespace

Bytes RedactionTokens::text(BytesView value, std::uint32_t type) const {
    if (type == oid::boolean) return Bytes(value);
    if (type == kInterval) return value.empty() ? Bytes() : "00:00:00";
    if (type == oid::bpchar) {  // padded to its length: 'x' and 'x  ' are equal
        const std::size_t kept = value.find_last_not_of(' ') + 1;
        Bytes token = token_forms::any(choice_, value.substr(0, kept));
        return token.append(value.size() > token.size() ? value.size() - token.size() : 0, ' ');
    }
    if (type == oid::bytea || type == oid::uuid) return token_forms::any(choice_, plain_text(type, value));
    return token_forms::any(choice_, value);
}

Bytes RedactionTokens::number(BytesView literal) const {
    Bytes plain(literal);
    std::erase(plain, '_');
    for (char& c : plain) {
        if (c == 'E') c = 'e';
    }
    if (plain.starts_with('.')) plain.insert(0, 1, '0');
    const std::size_t exponent = std::min(plain.find('e'), plain.size());
    if (exponent > 0 && plain[exponent - 1] == '.') plain.erase(exponent - 1, 1);
    if (auto token = token_forms::number(choice_, plain)) return *std::move(token);
    return std::to_string(choice_.hash("odd number", plain) % 10'000);
}

Bytes RedactionTokens::bits(BytesView digits, bool hexadecimal) const {
    return choice_.letters("bits", digits, digits.size(), hexadecimal ? "0123456789abcdef" : "01");
}

Bytes RedactionTokens::unknown_binary(BytesView value) const {
    if (printable(value)) return token_forms::any(choice_, value);
    std::uint32_t type = 0;
    if (value.size() == 2) type = oid::int2;
    if (value.size() == 4) type = oid::int4;
    if (value.size() == 8) type = oid::int8;
    Bytes out;
    if (type != 0 && pgwire::append_binary(type, text(pgwire::display_value(type, 1, value)), out)) return out;
    Bytes bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    return choice_.letters("bytes", value, value.size(), bytes);
}

/// array_send: dimensions, flags, element type; length and lower bound of each; then the elements as values.
Bytes RedactionTokens::binary_array(BytesView value) const {
    constexpr std::uint32_t kMaxDimensions = 6;
    ByteReader reader(value);
    const std::uint32_t dimensions = reader.u32();
    reader.u32();
    const std::uint32_t element = reader.u32();
    if (dimensions > kMaxDimensions) return unknown_binary(value);
    reader.bytes(8 * std::size_t{dimensions});
    Bytes out(value.substr(0, reader.position()));
    ByteWriter writer(out);
    while (reader.ok() && !reader.at_end()) {
        const std::int32_t length = reader.i32();
        if (length < 0) {
            writer.i32(-1);
            continue;
        }
        const Bytes token = wire(element, 1, reader.bytes(static_cast<std::size_t>(length)));
        writer.u32(static_cast<std::uint32_t>(token.size()));
        writer.bytes(token);
    }
    return reader.ok() ? out : unknown_binary(value);
}

Bytes RedactionTokens::wire(std::uint32_t type, std::int16_t format, BytesView value) const {
    if (format == 0) return text(value, type);
    if (type == oid::boolean) return Bytes(value);
    if (type == kInterval) return Bytes(value.size(), '\0');
    if (oid::element_of(type) != 0 && !value.empty()) return binary_array(value);
    if (pgwire::builtin_type_name(type).empty()) return unknown_binary(value);
    const Bytes plain = pgwire::display_value(type, 1, value);
    Bytes out;
    if (pgwire::append_binary(type, text(plain, type), out)) return out;
    return unknown_binary(value);
}

}  // namespace understudy
