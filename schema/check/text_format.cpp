#include "schema/check/text_format.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace understudy::schema {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

/// Length of the well-formed UTF-8 character at the front of `bytes`; 0 when there is none (RFC 3629).
std::size_t character_length(BytesView bytes) {
    const auto lead = static_cast<unsigned char>(bytes[0]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > bytes.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(bytes[i])) return 0;
    }
    return length;
}

/// Cuts into what PostgreSQL counts as characters; a byte that is not UTF-8 is one by itself.
std::vector<BytesView> characters(BytesView text) {
    std::vector<BytesView> out;
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(1, character_length(text));
        out.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return out;
}

}  // namespace

std::string printable(BytesView bytes) {
    std::string out;
    while (!bytes.empty()) {
        const std::size_t length = character_length(bytes);
        const auto c = static_cast<unsigned char>(bytes[0]);
        // C1 controls are two bytes in UTF-8; terminals obey some of them.
        const bool c1 = length == 2 && c == 0xc2 && static_cast<unsigned char>(bytes[1]) < 0xa0;
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            out += ' ';
        } else if (length == 0 || c < 0x20 || c == 0x7f || c1) {
            out += fmt::format("\\x{:02x}", c);
        } else {
            out += bytes.substr(0, length);
        }
        bytes.remove_prefix(c1 || length == 0 ? 1 : length);
    }
    return out;
}

CaretLines caret_lines(BytesView sql, std::uint32_t position, std::size_t width) {
    const std::vector<BytesView> all = characters(sql);
    const bool placed = position > 0 && position <= all.size() + 1;
    const std::size_t at = placed ? position - 1 : 0;
    std::size_t begin = at;
    while (begin > 0 && all[begin - 1] != "\n") --begin;
    std::size_t end = at;
    while (end < all.size() && all[end] != "\n") ++end;
    CaretLines out;
    if (at - begin > width * 3 / 4) {
        begin = at - width / 2;
        out.line = "...";
    }
    const bool cut = end - begin > width;
    if (cut) end = begin + width;
    for (std::size_t i = begin; i <= end; ++i) {
        if (placed && i == at) {
            out.caret.assign(characters(out.line).size(), ' ');
            out.caret += '^';
        }
        if (i < end) out.line += printable(all[i]);
    }
    if (cut) out.line += "...";
    return out;
}

std::string utc_text(Timestamp time) {
    if (!time.known()) return {};
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(time.ns() / 1'000'000'000)));
}

std::string count_text(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t i = digits.size(); i > 3;) {
        i -= 3;
        digits.insert(i, ",");
    }
    return digits;
}

}  // namespace understudy::schema
