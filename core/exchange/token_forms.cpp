#include "core/exchange/token_forms.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::token_forms {
namespace {

constexpr BytesView kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr BytesView kDigits = "0123456789";
constexpr BytesView kHex = "0123456789abcdef";
constexpr std::size_t kMostPermuted = 18;  // digits that a permutation's 62 bits hold

bool all_digits(BytesView text) { return !text.empty() && text.find_first_not_of(kDigits) == BytesView::npos; }

std::uint64_t value_of(BytesView digits) {
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::uint64_t power_of_ten(std::size_t exponent) {
    std::uint64_t power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

Bytes padded(std::uint64_t value, std::size_t digits) {
    Bytes text = std::to_string(value);
    text.insert(0, digits > text.size() ? digits - text.size() : 0, '0');
    return text;
}

struct Range {
    std::uint64_t low = 0;
    std::uint64_t count = 0;
};

/// The whole numbers of as many digits that fit the same integer types.
Range range_of(std::uint64_t value, std::size_t digits, bool zero_too) {
    Range range{digits == 1 ? (zero_too ? 0U : 1U) : power_of_ten(digits - 1), 0};
    std::uint64_t end = power_of_ten(digits);
    constexpr std::array<std::uint64_t, 3> kLimits{32'767, 2'147'483'647, 4'294'967'295};
    for (const std::uint64_t limit : kLimits) {
        if (value > limit) {
            range.low = std::max(range.low, limit + 1);
        } else {
            end = std::min(end, limit + 1);
        }
    }
    range.count = end - range.low;
    return range;
}

/// No leading zeros, at least one digit.
Bytes whole(const KeyedChoice& choice, BytesView digits, bool zero_too) {
    if (digits.size() <= kMostPermuted) {
        const std::uint64_t value = value_of(digits);
        const Range range = range_of(value, digits.size(), zero_too);
        if (value < range.low) return Bytes(digits);  // -0
        return std::to_string(range.low + choice.permute("whole number", range.count, value - range.low));
    }
    // Of nineteen digits some are more than an int8 holds: the first stays below its 9.
    const Bytes rest = choice.letters("long number", digits, digits.size() - 1, kDigits);
    return Bytes(1, static_cast<char>('1' + choice.hash("first digit", digits) % 8)) + rest;
}

/// A number with digits after the point, the last of which is not 0.
Bytes decimal(const KeyedChoice& choice, BytesView before, BytesView after) {
    if (before.size() + after.size() > kMostPermuted) {
        Bytes text = whole(choice, before, true) + "." + choice.letters("decimals", after, after.size(), kDigits);
        if (text.back() == '0') text.back() = '5';
        return text;
    }
    const Range range = range_of(value_of(before), before.size(), true);
    const std::uint64_t tails = power_of_ten(after.size() - 1) * 9;  // the last digit is 1 to 9
    const std::uint64_t fraction = value_of(after);
    const std::uint64_t tail = fraction / 10 * 9 + fraction % 10 - 1;
    const std::uint64_t index = (value_of(before) - range.low) * tails + tail;
    const std::uint64_t chosen =
        choice.permute("decimal number " + padded(after.size(), 1), range.count * tails, index);
    const std::uint64_t new_tail = chosen % tails;
    return std::to_string(range.low + chosen / tails) + "." +
           padded(new_tail / 9 * 10 + new_tail % 9 + 1, after.size());
}

}  // namespace

std::size_t token_length(std::size_t characters) {
    constexpr std::size_t kExact = 8;
    if (characters <= kExact) return characters;
    std::size_t length = kExact;
    while (length * 2 < characters) length *= 2;
    return length + 1;
}

std::optional<Bytes> number(const KeyedChoice& choice, BytesView text) {
    const bool negative = text.starts_with('-');
    const Bytes sign(negative ? "-" : "");
    BytesView rest = text.substr(negative ? 1 : 0);
    const std::size_t exponent = rest.find('e');
    const BytesView tail = exponent == BytesView::npos ? BytesView() : rest.substr(exponent);
    rest = rest.substr(0, exponent);
    if (!tail.empty()) {
        const bool is_signed = tail.size() > 1 && (tail[1] == '+' || tail[1] == '-');
        if (!all_digits(tail.substr(is_signed ? 2 : 1))) return std::nullopt;
    }
    const std::size_t dot = rest.find('.');
    const BytesView before = rest.substr(0, dot);
    if (!all_digits(before)) return std::nullopt;
    if (before.size() > 1 && before[0] == '0') {
        if (dot != BytesView::npos || !tail.empty()) return std::nullopt;
        const Bytes digits =
            before.size() - 1 <= kMostPermuted
                ? padded(choice.permute("digits", power_of_ten(before.size() - 1), value_of(before.substr(1))),
                         before.size() - 1)
                : choice.letters("digits", before, before.size() - 1, kDigits);
        return sign + "0" + digits;
    }
    if (dot == BytesView::npos) return (sign + whole(choice, before, !negative)).append(tail);
    BytesView after = rest.substr(dot + 1);
    if (!all_digits(after)) return std::nullopt;
    // 1.5 and 1.50 are equal, so their tokens have to be.
    const std::size_t kept = after.find_last_not_of('0') + 1;
    const Bytes zeros(after.size() - kept, '0');
    after = after.substr(0, kept);
    const Bytes token = after.empty() ? whole(choice, before, !negative) + "." : decimal(choice, before, after);
    return (sign + token + zeros).append(tail);
}

std::optional<Bytes> uuid(const KeyedChoice& choice, BytesView text) {
    constexpr std::size_t kLength = 36;
    Bytes scratch;
    if (text.size() != kLength) return std::nullopt;
    const auto canonical = pgwire::canonical_value(pgwire::type_oid::uuid, 0, text, scratch);
    if (canonical.value_class != pgwire::ValueClass::uuid) return std::nullopt;
    Bytes token =
        choice.letters("uuid a", canonical.bytes, 18, kHex) + choice.letters("uuid b", canonical.bytes, 18, kHex);
    for (const std::size_t hyphen : {8U, 13U, 18U, 23U}) token[hyphen] = '-';
    token[14] = '4';  // RFC 9562: a random uuid
    token[19] = "89ab"[choice.hash("uuid variant", canonical.bytes) % 4];
    return token;
}

std::optional<Bytes> hex_bytes(const KeyedChoice& choice, BytesView text) {
    if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
    Bytes digits(text.substr(2));
    for (char& c : digits) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c + ('a' - 'A'));
    }
    if (digits.find_first_not_of(kHex) != Bytes::npos) return std::nullopt;
    return "\\x" + choice.letters("bytea", digits, 2 * token_length(digits.size() / 2), kHex);
}

std::optional<Bytes> email(const KeyedChoice& choice, BytesView text) {
    constexpr std::size_t kShortest = 5;  // a@b.c
    const std::size_t at = text.find('@');
    if (at == BytesView::npos || at == 0 || text.find('@', at + 1) != BytesView::npos) return std::nullopt;
    const std::size_t dot = text.rfind('.');
    if (dot == BytesView::npos || dot < at + 2 || dot + 1 == text.size()) return std::nullopt;
    if (text.find_first_of(" \t\r\n,;<>\"'") != BytesView::npos) return std::nullopt;
    const std::size_t length = token_length(text.size());
    if (length < kShortest) return std::nullopt;
    Bytes token = choice.letters("e-mail", text, length, kLetters);
    constexpr BytesView kReserved = ".test";  // RFC 2606: mail to it reaches nobody
    if (length >= 2 * kReserved.size()) {
        token.replace(length - kReserved.size(), kReserved.size(), kReserved);
        token[length - 2 * kReserved.size()] = '@';
    } else {
        token[length - 2] = '.';
        token[length - 4] = '@';
    }
    return token;
}

Bytes letters(const KeyedChoice& choice, BytesView text) {
    const auto characters = static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
    return choice.letters("text", text, token_length(std::max<std::size_t>(characters, 1)), kLetters);
}

Bytes any(const KeyedChoice& choice, BytesView text) {
    if (text.empty() || text == "true" || text == "false") return Bytes(text);
    for (const auto form : {&number, &uuid, &time, &hex_bytes, &structure, &email}) {
        if (auto token = form(choice, text)) return *std::move(token);
    }
    return letters(choice, text);
}

}  // namespace understudy::token_forms
