#include <array>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire::internal {
namespace {

// numeric_send and get_str_from_var in PostgreSQL's numeric.c: digits in base 10,000, the first of them with
// the weight 10,000^weight; dscale is how many decimals are shown.
constexpr std::uint16_t kNegative = 0x4000;
constexpr std::uint16_t kNaN = 0xc000;
constexpr std::uint16_t kInfinity = 0xd000;
constexpr std::uint16_t kMinusInfinity = 0xf000;
constexpr std::uint16_t kMaxScale = 0x3fff;
constexpr std::uint16_t kBase = 10000;

/// The base-10,000 digits, zero outside those that were sent.
struct Digits {
    BytesView bytes;

    [[nodiscard]] std::uint16_t at(int index) const {
        if (index < 0 || static_cast<std::size_t>(index) >= bytes.size() / 2) return 0;
        return ByteReader(bytes.substr(static_cast<std::size_t>(index) * 2)).u16();
    }
    [[nodiscard]] bool valid() const {
        for (int i = 0; i < static_cast<int>(bytes.size() / 2); ++i) {
            if (at(i) >= kBase) return false;
        }
        return true;
    }
};

std::array<char, 4> four_digits(std::uint16_t value) {
    const unsigned v = value;
    return {static_cast<char>('0' + v / 1000), static_cast<char>('0' + v / 100 % 10),
            static_cast<char>('0' + v / 10 % 10), static_cast<char>('0' + v % 10)};
}

void append_integer_part(const Digits& digits, int weight, Bytes& out) {
    if (weight < 0) {
        out.push_back('0');
        return;
    }
    const std::array<char, 4> first = four_digits(digits.at(0));
    std::size_t skip = 0;
    while (skip < 3 && first[skip] == '0') ++skip;
    out.append(first.data() + skip, 4 - skip);
    for (int i = 1; i <= weight; ++i) out.append(four_digits(digits.at(i)).data(), 4);
}

void append_fraction(const Digits& digits, int weight, std::size_t scale, Bytes& out) {
    out.push_back('.');
    const std::size_t end = out.size() + scale;
    for (int i = weight + 1; out.size() < end; ++i) out.append(four_digits(digits.at(i)).data(), 4);
    out.resize(end);
}

bool all_digits(BytesView text) { return !text.empty() && text.find_first_not_of("0123456789") == BytesView::npos; }

}  // namespace

bool append_numeric(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::size_t count = reader.u16();
    const int weight = reader.i16();
    const std::uint16_t sign = reader.u16();
    const std::uint16_t scale = reader.u16();
    const Digits digits{reader.rest()};
    if (!reader.ok() || digits.bytes.size() != count * 2 || scale > kMaxScale || !digits.valid()) return false;
    switch (sign) {
        case kNaN: out.append("NaN"); return true;
        case kInfinity: out.append("Infinity"); return true;
        case kMinusInfinity: out.append("-Infinity"); return true;
        case kNegative: out.push_back('-'); break;
        case 0: break;
        default: return false;
    }
    append_integer_part(digits, weight, out);
    if (scale > 0) append_fraction(digits, weight, scale, out);
    return true;
}

bool is_numeric_text(BytesView text) {
    if (text == "NaN") return true;
    if (!text.empty() && text[0] == '-') text.remove_prefix(1);
    if (text == "Infinity") return true;
    const std::size_t point = text.find('.');
    if (point == BytesView::npos) return all_digits(text);
    return all_digits(text.substr(0, point)) && all_digits(text.substr(point + 1));
}

}  // namespace understudy::pgwire::internal
