#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/exchange/keyed_choice.hpp"

namespace understudy {

/// Replaces values by keyed tokens of the same form (docs/security.md, "What --redact does").
///
/// Which form a value has is read from its text, not from its type: what is 42 in a statement, "42" in a bound value,
/// four bytes in a binary one and a row's int4 has to become one and the same token, and a type is not known
/// everywhere.
///
/// | form | token |
/// |---|---|
/// | whole number | as many digits and the same sign; fits the smallest integer type that the value fits; no collisions
/// | | decimal number | as many digits before and after the point; no collisions up to 18 digits | | digits with
/// leading zeros | as many | | uuid, date, time, timestamp | another one | | \x… (bytea) | another, of the text's
/// length rule | | e-mail address | letters with one @ and one dot | | json, array | the same shape, names kept,
/// strings and numbers replaced | | other text | a to z; as many characters up to 8, else 2^n + 1, the least of its
/// class: a token never gets longer |
///
/// Empty text, true, false and NULL stay. 64 bits of key stream choose a text: two values of one length class share a
/// token with the odds of guessing it (one in 26 for one letter).
class RedactionTokens {
public:
    explicit RedactionTokens(const DigestKey& key) : choice_(key) {}

    /// The token of a value in text form. `type_oid` 0: unknown.
    [[nodiscard]] Bytes text(BytesView value, std::uint32_t type_oid = 0) const;
    /// The token of a value on the wire, in its own format. A binary value of a type that is not known here is taken
    /// for text if it can be printed, for an integer if it has 2, 4 or 8 bytes, and else becomes as many other bytes.
    [[nodiscard]] Bytes wire(std::uint32_t type_oid, std::int16_t format, BytesView value) const;
    /// The token of a number as SQL writes it: a number again.
    [[nodiscard]] Bytes number(BytesView literal) const;
    /// Of the digits of a B'…' or X'…' constant: as many of the same kind.
    [[nodiscard]] Bytes bits(BytesView digits, bool hexadecimal) const;

private:
    [[nodiscard]] Bytes binary_array(BytesView value) const;
    [[nodiscard]] Bytes unknown_binary(BytesView value) const;

    KeyedChoice choice_;
};

}  // namespace understudy
