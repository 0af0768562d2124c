#include "core/catalog/snapshot/json_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace understudy::catalog {
namespace {

/// How many bytes the UTF-8 character at the front takes; 0: it is none (RFC 3629, section 4).
std::size_t utf8_length(BytesView text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&](std::size_t i, unsigned low = 0x80U, unsigned high = 0xBFU) {
        return at(i) >= low && at(i) <= high;
    };
    const unsigned lead = at(0);
    if (lead < 0x80U) return 1;
    if (lead >= 0xC2U && lead <= 0xDFU) return follows(1) ? 2 : 0;
    if (lead >= 0xE0U && lead <= 0xEFU) {
        return follows(1, lead == 0xE0U ? 0xA0U : 0x80U, lead == 0xEDU ? 0x9FU : 0xBFU) && follows(2) ? 3 : 0;
    }
    if (lead >= 0xF0U && lead <= 0xF4U) {
        return follows(1, lead == 0xF0U ? 0x90U : 0x80U, lead == 0xF4U ? 0x8FU : 0xBFU) && follows(2) && follows(3) ? 4
                                                                                                                    : 0;
    }
    return 0;
}

bool is_text(BytesView bytes) {
    while (!bytes.empty()) {
        const std::size_t length = utf8_length(bytes);
        if (length == 0 || bytes[0] == '\0') return false;
        bytes.remove_prefix(length);
    }
    return true;
}

}  // namespace

void put_json_text(std::string& out, BytesView bytes) {
    out += '"';
    if (!is_text(bytes)) {
        out += "\\u0000";
        for (const char c : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(c));
        out += '"';
        return;
    }
    for (const char c : bytes) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) {
                    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

std::optional<Bytes> from_json_text(std::string text) {
    if (text.find('\0') == std::string::npos) return text;
    if (text[0] != '\0' || text.size() % 2 == 0) return std::nullopt;
    Bytes bytes;
    for (std::size_t i = 1; i < text.size(); i += 2) {
        unsigned char value = 0;
        const auto parsed = std::from_chars(&text[i], &text[i] + 2, value, 16);
        if (parsed.ec != std::errc() || parsed.ptr != &text[i] + 2) return std::nullopt;
        bytes += static_cast<char>(value);
    }
    return bytes;
}

}  // namespace understudy::catalog
