#include "compare/report/text_layout.hpp"

#include <algorithm>
#include <cstdint>

#include "compare/report/plain_text.hpp"

namespace understudy::compare {
namespace {

constexpr std::size_t kLabelWidth = 14;

std::string harmless(std::string_view text, bool keep_lines) {
    std::string result(text.substr(0, TextLayout::kMaxFieldBytes));
    for (char& c : result) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n' || c == '\t' || c == '\r') {
            if (!keep_lines || c == '\r') c = ' ';
        } else if (byte < 0x20 || byte == 0x7F) {
            c = '.';
        }
    }
    // Values of another encoding, and what 8-bit terminals take for commands.
    result = clean_utf8(result);
    if (text.size() > TextLayout::kMaxFieldBytes) result += " …";
    return result;
}

/// Columns that UTF-8 text takes, counting one for a character.
std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(std::size_t indent, std::string_view label) {
    std::string result(indent, ' ');
    result += label;
    result.append(kLabelWidth > columns(label) ? kLabelWidth - columns(label) : 1, ' ');
    return result;
}

}  // namespace

void TextLayout::line(std::string_view text) {
    out_ += harmless(text, false);
    out_ += '\n';
}

void TextLayout::field(std::size_t indent, std::string_view label, std::string_view text) {
    std::string current = padded(indent, label);
    const std::size_t left = indent + kLabelWidth;
    const std::string words = harmless(text, false);
    std::size_t at = 0;
    bool first = true;
    while (at < words.size()) {
        const std::size_t space = std::min(words.find(' ', at), words.size());
        const std::string_view word = std::string_view(words).substr(at, space - at);
        at = space + 1;
        if (word.empty()) continue;
        if (!first && columns(current) + 1 + columns(word) > kWidth) {
            out_ += current + '\n';
            current.assign(left, ' ');
            first = true;
        }
        if (!first) current += ' ';
        current += word;
        first = false;
    }
    current.erase(current.find_last_not_of(' ') + 1);
    out_ += current + '\n';
}

void TextLayout::verbatim(std::size_t indent, std::string_view label, std::string_view text) {
    const std::string body = harmless(text, true);
    std::string current = padded(indent, label);
    std::size_t at = 0;
    while (at <= body.size()) {
        const std::size_t end = std::min(body.find('\n', at), body.size());
        current.append(body, at, end - at);
        current.erase(current.find_last_not_of(' ') + 1);
        out_ += current + '\n';
        current.assign(indent + kLabelWidth, ' ');
        at = end + 1;
    }
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

}  // namespace understudy::compare
