#pragma once

#include "core/base/bytes.hpp"

namespace understudy::schema {

/// What becomes of texts of values of one type that are read as another type, as COPY FROM reads its data.
struct TextInput {
    enum class Outcome : std::uint8_t {
        same,     ///< each is taken and means the same
        differs,  ///< each is taken, and something else may be stored: a timestamp as a date
        unsure,   ///< it depends on the value
        refused,  ///< none is taken
    };
    Outcome outcome = Outcome::same;
    const char* sqlstate = "";  ///< of what is not taken
};

/// By the names that format_type() gives, without modifiers. Source: PostgreSQL docs, chapter 8, what each type's input
/// takes and its output writes. Types that are not known there: TextInput::Outcome::unsure.
TextInput text_input(BytesView from, BytesView to);

/// The same for COPY's binary format, in which a value of another length or form is refused (22P03).
TextInput binary_input(BytesView from, BytesView to);

}  // namespace understudy::schema
