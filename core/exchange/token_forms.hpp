#pragma once

#include <cstddef>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/exchange/keyed_choice.hpp"

// The forms of redaction_token.hpp: a function of a form gives the token of a text that has it, else nothing.

namespace understudy::token_forms {

std::optional<Bytes> number(const KeyedChoice& choice, BytesView text);
std::optional<Bytes> uuid(const KeyedChoice& choice, BytesView text);
/// Dates, times of day, timestamps with and without a zone.
std::optional<Bytes> time(const KeyedChoice& choice, BytesView text);
std::optional<Bytes> hex_bytes(const KeyedChoice& choice, BytesView text);
std::optional<Bytes> email(const KeyedChoice& choice, BytesView text);
/// json objects, arrays and strings, and array literals.
std::optional<Bytes> structure(const KeyedChoice& choice, BytesView text);
Bytes letters(const KeyedChoice& choice, BytesView text);
/// The token of any text: the first form that it has.
Bytes any(const KeyedChoice& choice, BytesView text);

/// How long the token of so many characters is.
std::size_t token_length(std::size_t characters);

}  // namespace understudy::token_forms
