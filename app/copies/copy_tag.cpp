#include "app/copies/copy_tag.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/base/crc32c.hpp"

namespace understudy::app {
namespace {

constexpr BytesView kPrefix = "understudy_";
constexpr std::size_t kChanceDigits = 16;
constexpr std::size_t kMaxPurpose = 16;
constexpr BytesView kTagPrefix = "understudy.copy=1 ";

bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
           c == '.';
}

/// Percent-encoded, so that a value is one word without spaces, line ends or a colon (which a target's marker has).
std::string encoded(BytesView text) {
    std::string result;
    for (const char c : text) {
        if (is_plain(c)) {
            result += c;
        } else {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

template <class Number>
std::optional<Number> number_of(BytesView text, int base = 10) {
    Number value = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value, base);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
}

std::optional<Bytes> decoded(BytesView text) {
    Bytes result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            if (!is_plain(text[i])) return std::nullopt;
            result += text[i];
            continue;
        }
        const auto value = number_of<std::uint8_t>(text.substr(std::min(i + 1, text.size()), 2), 16);
        if (!value || i + 2 >= text.size()) return std::nullopt;
        result += static_cast<char>(*value);
        i += 2;
    }
    return result;
}

/// The rest of `word` after `name=`.
std::optional<BytesView> value_of(BytesView word, BytesView name) {
    if (!word.starts_with(name) || word.size() <= name.size() || word[name.size()] != '=') return std::nullopt;
    return word.substr(name.size() + 1);
}

std::vector<BytesView> words_of(BytesView text) {
    std::vector<BytesView> words;
    while (true) {
        const std::size_t space = text.find(' ');
        words.push_back(text.substr(0, space));
        if (space == BytesView::npos) return words;
        text.remove_prefix(space + 1);
    }
}

}  // namespace

bool is_purpose(BytesView purpose) {
    return !purpose.empty() && purpose.size() <= kMaxPurpose &&
           std::all_of(purpose.begin(), purpose.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string to_text(const CopyName& name) { return fmt::format("{}{}_{:016x}", kPrefix, name.purpose, name.chance); }

std::optional<CopyName> parse_copy_name(BytesView name) {
    if (!name.starts_with(kPrefix)) return std::nullopt;
    const BytesView rest = name.substr(kPrefix.size());
    if (rest.size() < kChanceDigits + 2 || rest[rest.size() - kChanceDigits - 1] != '_') return std::nullopt;
    const BytesView digits = rest.substr(rest.size() - kChanceDigits);
    const auto chance = number_of<std::uint64_t>(digits, 16);
    CopyName result{std::string(rest.substr(0, rest.size() - kChanceDigits - 1)), chance.value_or(0)};
    // Written back, so that no other spelling of the digits passes.
    if (!chance || !is_purpose(result.purpose) || to_text(result) != name) return std::nullopt;
    return result;
}

Bytes comment_with_tag(BytesView comment, const CopyTag& tag) {
    Bytes text(comment);
    if (!text.empty()) text += '\n';
    text += kTagPrefix;
    text += fmt::format("created={} purpose={} pid={} host={} source={}", tag.created.ns(), tag.purpose, tag.pid,
                        encoded(tag.host), encoded(tag.source));
    return text;
}

Bytes comment_without_tags(BytesView comment) {
    Bytes text(comment);
    while (tag_of_comment(text)) text.erase(text.rfind('\n') == Bytes::npos ? 0 : text.rfind('\n'));
    return text;
}

std::optional<CopyTag> tag_of_comment(BytesView comment) {
    const std::size_t line = comment.rfind('\n');
    BytesView last = line == BytesView::npos ? comment : comment.substr(line + 1);
    if (!last.starts_with(kTagPrefix)) return std::nullopt;
    last.remove_prefix(kTagPrefix.size());
    const std::vector<BytesView> words = words_of(last);
    if (words.size() != 5) return std::nullopt;
    const auto created = value_of(words[0], "created");
    const auto purpose = value_of(words[1], "purpose");
    const auto pid = value_of(words[2], "pid");
    const auto host = value_of(words[3], "host");
    const auto source = value_of(words[4], "source");
    if (!created || !purpose || !pid || !host || !source || !is_purpose(*purpose)) return std::nullopt;
    const auto instant = number_of<std::int64_t>(*created);
    const auto process = number_of<std::int64_t>(*pid);
    auto host_name = decoded(*host);
    auto source_name = decoded(*source);
    if (!instant || !process || !host_name || !source_name) return std::nullopt;
    return CopyTag{Timestamp::from_ns(*instant), std::string(*purpose), std::move(*source_name), std::move(*host_name),
                   *process};
}

std::int32_t unfinished_limit(BytesView name) {
    // Above a million, so that it is nobody's real limit, and within the server's int.
    constexpr std::uint32_t kLeast = 1'000'000;
    return static_cast<std::int32_t>(kLeast + (crc32c(name) & 0x3fffffffU));
}

Origin origin_of(const DatabaseMarks& marks) {
    const auto name = parse_copy_name(marks.name);
    if (!name) return Origin::foreign;
    const auto tag = tag_of_comment(marks.comment);
    if (tag && tag->purpose == name->purpose) return Origin::tagged;
    if (!marks.allows_connections && marks.connection_limit == unfinished_limit(marks.name)) return Origin::unfinished;
    return Origin::doubtful;
}

}  // namespace understudy::app
