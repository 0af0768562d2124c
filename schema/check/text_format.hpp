#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::schema {

/// Bytes as one line that does nothing to a terminal: white space as blanks, other control characters and
/// what is not UTF-8 as \xNN.
std::string printable(BytesView bytes);

/// The line of `sql` that holds character `position` (from 1), cut to about `width` characters, and below it
/// a caret at that character. The first line and no caret for a position of 0 or beyond the end.
struct CaretLines {
    std::string line;
    std::string caret;  ///< blanks and a ^; empty without a position
};
CaretLines caret_lines(BytesView sql, std::uint32_t position, std::size_t width = 100);

/// "2024-02-29T12:34:56Z"; empty for an unknown time.
std::string utc_text(Timestamp time);
/// With thousands separated: "1,234,567".
std::string count_text(std::uint64_t count);

}  // namespace understudy::schema
