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

/// Where the entries of the list below a key begin: as those that are there, else two further in.
std::size_t list_indent(const std::string& yaml, const KeyLine& key) {
    for (std::size_t at = key.end; at < yaml.size();) {
        const std::size_t end = std::min(yaml.find('\n', at), yaml.size());
        const std::string_view line(yaml.data() + at, end - at);
        const std::size_t indent = line.find_first_not_of(' ');
        if (indent != std::string_view::npos && line[indent] == '-') return indent;
        if (indent != std::string_view::npos && line[indent] != '#') break;
        at = end + 1;
    }
    return key.indent + 2;
}

/// Whether the section has an `expected` that is not a line of its own.
bool in_one_line(const std::string& yaml, std::size_t from) {
    const std::size_t at = yaml.find("expected", from);
    return at != std::string::npos && yaml.find(':', at) == at + 8;
}

std::string with_line_ends(const std::string& text, std::string_view from, std::string_view to) {
    std::string out;
    std::size_t done = 0;
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, done)) {
        out.append(text, done, at - done).append(to);
        done = at + from.size();
    }
    return out.append(text, done, std::string::npos);
}

Error by_hand(const std::string& name, const Rule& rule) {
    return make_error(Errc::malformed,
                      fmt::format("{} is written in a way that a rule cannot be added to; add it by hand below "
                                  "compare: expected:\n{}",
                                  name, entry_text(rule, "    ")));
}

}  // namespace

Result<std::string> with_rule(const std::string& yaml, const std::string& name, const Rule& rule) {
    UNDERSTUDY_TRY(const auto before, read_rules(yaml, name));
    const bool crlf = yaml.find("\r\n") != std::string::npos;
    std::string text = with_line_ends(yaml, "\r\n", "\n");
    if (!text.empty() && text.back() != '\n') text += '\n';
    const KeyLine section = find_key(text, "compare", 0, true);
    if (section.end == std::string::npos) {
        text += "compare:\n  expected:\n" + entry_text(rule, "    ");
    } else {
        const KeyLine expected = find_key(text, "expected", section.end, false);
        if (expected.end == std::string::npos && in_one_line(text, section.end)) return by_hand(name, rule);
        if (expected.end == std::string::npos) {
            text.insert(section.end, "  expected:\n" + entry_text(rule, "    "));
        } else {
            text.insert(expected.end, entry_text(rule, std::string(list_indent(text, expected), ' ')));
        }
    }
    const auto after = read_rules(text, name);
    if (!after || after->rules.size() != before.rules.size() + 1) {
        return by_hand(name, rule);
    }
    return crlf ? with_line_ends(text, "\n", "\r\n") : text;
}

}  // namespace understudy::compare
