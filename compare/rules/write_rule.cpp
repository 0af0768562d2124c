#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "compare/rules/read_rules.hpp"

namespace understudy::compare {
namespace {

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
    return out + "\"";
}

std::string day_text(Timestamp end) {
    // The end of a day is the beginning of the next.
    const auto day = std::chrono::floor<std::chrono::days>(
        std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(end.ns() - 1)));
    const std::chrono::year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

std::string entry_text(const Rule& rule, const std::string& indent) {
    std::string out = indent + "- finding: " + rule.finding + "\n";
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty()) out += fmt::format("{}  {}: {}\n", indent, key, value);
    };
    add("fingerprint", rule.fingerprint.empty() ? "" : quoted(rule.fingerprint));
    add("kind", rule.kind);
    add("place", rule.place.empty() ? "" : quoted(rule.place));
    add("sqlstate", rule.sqlstate.empty() ? "" : quoted(rule.sqlstate));
    add("reason", quoted(rule.reason));
    add("owner", quoted(rule.owner));
    add("expires", day_text(rule.expires));
    return out;
}

/// Where the line that holds only this key ends, and how far it is indented.
struct KeyLine {
    std::size_t end = std::string::npos;
    std::size_t indent = 0;
};

KeyLine find_key(const std::string& yaml, std::string_view key, std::size_t from, bool top) {
    for (std::size_t at = from; at < yaml.size();) {
        const std::size_t end = std::min(yaml.find('\n', at), yaml.size());
        std::string_view line(yaml.data() + at, end - at);
        const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
        line.remove_prefix(indent);
        if (!top && indent == 0 && !line.empty() && line[0] != '#') return {};
        line = line.substr(0, line.find(" #"));
        while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
        if (line.size() == key.size() + 1 && line.starts_with(key) && line.back() == ':' && (indent == 0) == top) {
            return {std::min(end + 1, yaml.size()), indent};
        }
        at = end + 1;
    }
    return {};
}

}  // namespace

Result<std::string> with_rule(const std::string& yaml, const std::string& name, const Rule& rule) {
    UNDERSTUDY_TRY(const auto before, read_rules(yaml, name));
    std::string text = yaml;
    if (!text.empty() && text.back() != '\n') text += '\n';
    const KeyLine section = find_key(text, "compare", 0, true);
    if (section.end == std::string::npos) {
        text += "compare:\n  expected:\n" + entry_text(rule, "    ");
    } else {
        const KeyLine expected = find_key(text, "expected", section.end, false);
        if (expected.end == std::string::npos) {
            text.insert(section.end, "  expected:\n" + entry_text(rule, "    "));
        } else {
            text.insert(expected.end, entry_text(rule, std::string(expected.indent + 2, ' ')));
        }
    }
    const auto after = read_rules(text, name);
    if (!after || after->rules.size() != before.rules.size() + 1) {
        return make_error(Errc::malformed,
                          fmt::format("{} is written in a way that a rule cannot be added to; add it by hand:\n{}", name,
                                      entry_text(rule, "    ")));
    }
    return text;
}

}  // namespace understudy::compare
