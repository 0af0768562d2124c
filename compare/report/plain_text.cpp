#include "compare/report/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compare/report/text_layout.hpp"

namespace understudy::compare {
namespace {

/// The length of the UTF-8 sequence at the front (RFC 3629); 0: there is none.
std::size_t sequence_length(BytesView bytes) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char first = at(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4U : first >= 0xE0 ? 3U : 2U;
    if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xC0U) != 0x80U) return 0;
    }
    const bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
    const bool beyond = (first == 0xED && at(1) > 0x9F) || (first == 0xF4 && at(1) > 0x8F);
    return overlong || beyond ? 0 : length;
}

/// What terminals obey (C0 but for whitespace, DEL, C1), and U+FFFE and U+FFFF, which no XML document may hold (XML 1.0,
/// section 2.2). `sequence` is one valid UTF-8 sequence.
bool is_unwanted(BytesView sequence) {
    const auto first = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1) return (first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7F;
    if (sequence.size() == 2) return first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
    return sequence == "\xEF\xBF\xBE" || sequence == "\xEF\xBF\xBF";
}

}  // namespace

std::string clean_utf8(BytesView bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        if (length == 0 || is_unwanted(bytes.substr(0, length))) {
            out += "\xEF\xBF\xBD";
        } else {
            out.append(bytes.substr(0, length));
        }
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::string xml_text(BytesView bytes) {
    std::string out;
    for (const char c : clean_utf8(bytes)) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string finding_title(const Finding& finding) {
    std::string title(to_string(finding.kind));
    std::replace(title.begin(), title.end(), '_', ' ');
    if (finding.place.starts_with("column ") || finding.place.starts_with("$")) title += " in " + finding.place;
    if (!finding.sqlstate.empty()) title += " " + finding.sqlstate;
    return clean_utf8(title);
}

std::string finding_reach(const Finding& finding) {
    const auto times = [](std::uint64_t count, const char* what) {
        return fmt::format("{} {}{}", grouped(count), what, count == 1 ? "" : "s");
    };
    std::string text = times(finding.count, "time") + " in " + times(finding.sessions, "session");
    if (!finding.users.empty()) text += ", as " + finding.users.front() + (finding.users.size() > 1 ? " and others" : "");
    if (!finding.applications.empty()) {
        text += ", by " + finding.applications.front() + (finding.applications.size() > 1 ? " and others" : "");
    }
    if (finding.calls_a_day >= 1) {
        text += fmt::format("; about {} calls a day", grouped(static_cast<std::uint64_t>(finding.calls_a_day)));
    }
    if (finding.followed_by > 0) text += "; " + times(finding.followed_by, "step") + " after it failed because of it";
    if (finding.downstream > 0) text += "; " + times(finding.downstream, "difference") + " in later reads";
    return clean_utf8(text);
}

std::string verdict_word(const Report& report) {
    std::string word(to_string(report.verdict));
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return word;
}

std::string verdict_line(const Report& report) {
    std::string line = fmt::format("verdict: {}", to_string(report.verdict));
    if (!report.reasons.empty()) line += ": " + report.reasons.front();
    return clean_utf8(line);
}

}  // namespace understudy::compare
