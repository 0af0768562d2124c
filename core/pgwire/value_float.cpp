#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire::internal {
namespace {

__extension__ typedef unsigned __int128 Uint128;

template <class Float>
struct Traits;
template <>
struct Traits<double> {
    using Bits = std::uint64_t;
    static constexpr unsigned kMantissaBits = 52;
    static constexpr std::size_t kMaxDigits = 17;
    static constexpr int kFixedBelow = 15;  // DBL_DIG: 1e15 is printed with an exponent
};
template <>
struct Traits<float> {
    using Bits = std::uint32_t;
    static constexpr unsigned kMantissaBits = 23;
    static constexpr std::size_t kMaxDigits = 9;
    static constexpr int kFixedBelow = 6;
};

struct Decimal {
    std::array<char, 20> digits{};  // d.ddd without the point
    std::size_t count = 0;
    int exponent = 0;  // of the first digit
};

template <class... Precision>
Decimal to_decimal(auto value, Precision... precision) {
    std::array<char, 40> text{};
    const auto result =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, precision...);
    Decimal decimal;
    const char* p = text.data();
    for (; *p != 'e'; ++p) {
        if (*p != '.') decimal.digits[decimal.count++] = *p;
    }
    ++p;
    if (*p == '+') ++p;
    std::from_chars(p, result.ptr, decimal.exponent);
    return decimal;
}

Uint128 odd_part(Uint128 value) {
    while (value != 0 && value % 2 == 0) value /= 2;
    return value;
}

/// Whether the decimal d * 10^k, known to be near, is the binary number b * 2^x: their odd parts are equal.
bool same_odd_part(std::uint64_t d, int k, std::uint64_t b) {
    if (std::abs(k) > 27) return false;  // 5^28 is above every d and every b
    Uint128 power = 1;
    for (int i = 0; i < std::abs(k); ++i) power *= 5;
    return odd_part(d) * (k > 0 ? power : 1) == odd_part(b) * (k < 0 ? power : 1);
}

/// Whether the decimal lies exactly in the middle between `value` and one of its neighbours. A reader that
/// rounds halves to even gets `value` back, but PostgreSQL does not rely on that (acceptBounds in d2s.c,
/// f2s.c).
template <class Float>
bool on_boundary(const Decimal& decimal, Float value) {
    using Bits = typename Traits<Float>::Bits;
    constexpr unsigned kWidth = Traits<Float>::kMantissaBits;
    const Bits bits = std::bit_cast<Bits>(value);
    const Bits fraction = bits & ((Bits{1} << kWidth) - 1);
    const Bits exponent = bits >> kWidth;
    const std::uint64_t mantissa = exponent == 0 ? fraction : fraction | (Bits{1} << kWidth);
    const bool even_spacing = fraction != 0 || exponent <= 1;
    std::uint64_t d = 0;
    std::from_chars(decimal.digits.data(), decimal.digits.data() + decimal.count, d);
    const int k = decimal.exponent - static_cast<int>(decimal.count) + 1;
    return same_odd_part(d, k, 4 * mantissa + 2) || same_odd_part(d, k, 4 * mantissa - (even_spacing ? 2 : 1));
}

template <class Float>
Decimal shortest_inside(Float value) {
    Decimal decimal = to_decimal(value);
    while (on_boundary(decimal, value) && decimal.count < Traits<Float>::kMaxDigits) {
        decimal = to_decimal(value, static_cast<int>(decimal.count));
    }
    return decimal;
}

void append_exponent(int exponent, Bytes& out) {
    out.push_back('e');
    out.push_back(exponent < 0 ? '-' : '+');
    const int size = std::abs(exponent);
    if (size >= 100) out.push_back(static_cast<char>('0' + size / 100));
    out.push_back(static_cast<char>('0' + size / 10 % 10));
    out.push_back(static_cast<char>('0' + size % 10));
}

void append_decimal(const Decimal& decimal, int fixed_below, Bytes& out) {
    const BytesView digits(decimal.digits.data(), decimal.count);
    if (decimal.exponent < -4 || decimal.exponent >= fixed_below) {
        out.push_back(digits[0]);
        if (digits.size() > 1) out.append(".").append(digits.substr(1));
        append_exponent(decimal.exponent, out);
        return;
    }
    if (decimal.exponent < 0) {
        out.append("0.").append(static_cast<std::size_t>(-decimal.exponent - 1), '0').append(digits);
        return;
    }
    const auto whole = static_cast<std::size_t>(decimal.exponent) + 1;
    if (whole >= digits.size()) {
        out.append(digits).append(whole - digits.size(), '0');
    } else {
        out.append(digits.substr(0, whole)).append(".").append(digits.substr(whole));
    }
}

template <class Float>
void append_float(Float value, Bytes& out) {
    if (std::isnan(value)) {
        out.append("NaN");
        return;
    }
    if (std::signbit(value)) out.push_back('-');
    value = std::abs(value);
    if (std::isinf(value)) {
        out.append("Infinity");
    } else if (value > 0) {
        append_decimal(shortest_inside(value), Traits<Float>::kFixedBelow, out);
    } else {
        out.push_back('0');
    }
}

}  // namespace

void append_float8(double value, Bytes& out) { append_float(value, out); }
void append_float4(float value, Bytes& out) { append_float(value, out); }

}  // namespace understudy::pgwire::internal
