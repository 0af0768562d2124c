#include "capture/redact/rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/sql/lexer.hpp"

namespace understudy::capture {
namespace {

/// Whether `text` has the form of `pattern`, in which * stands for any letters.
bool matches(BytesView pattern, BytesView text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = BytesView::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != BytesView::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == BytesView::npos;
}

bool fits(BytesView pattern, BytesView name) { return pattern.empty() || name.empty() || matches(pattern, name); }

/// The longest run of letters in a pattern.
Bytes longest_word(BytesView pattern) {
    BytesView longest;
    while (!pattern.empty()) {
        const BytesView word = pattern.substr(0, pattern.find('*'));
        if (word.size() > longest.size()) longest = word;
        pattern.remove_prefix(std::min(pattern.size(), word.size() + 1));
    }
    return sql::to_lower(longest);
}

/// One part of a rule at the front of `rest`, and what follows it.
bool take_part(BytesView& rest, Bytes& part) {
    part.clear();
    if (rest.starts_with('"')) {
        for (std::size_t at = 1; at < rest.size(); ++at) {
            if (rest[at] != '"') {
                part += rest[at];
            } else if (rest.substr(at + 1, 1) == "\"") {
                part += rest[at++];
            } else {
                rest.remove_prefix(at + 1);
                return !part.empty();
            }
        }
        return false;
    }
    const std::size_t end = std::min(rest.find_first_of(".\""), rest.size());
    part = sql::to_lower(rest.substr(0, end));
    rest.remove_prefix(end);
    return !part.empty() && part.find_first_of(" \t,;()'") == Bytes::npos;
}

}  // namespace

Result<void> RedactionRules::add(BytesView rule) {
    constexpr std::size_t kMostParts = 3;
    std::vector<Bytes> parts;
    BytesView rest = rule;
    bool well_formed = true;
    while (well_formed) {
        Bytes part;
        well_formed = take_part(rest, part);
        parts.push_back(std::move(part));
        if (rest.empty()) break;
        well_formed = well_formed && rest[0] == '.' && parts.size() < kMostParts;
        rest.remove_prefix(1);
    }
    if (!well_formed) {
        return make_error(
            Errc::usage,
            fmt::format("\"{}\" is no redaction rule: write column, table.column or schema.table.column", rule));
    }
    while (parts.size() < kMostParts) parts.insert(parts.begin(), Bytes());
    // A statement names the column, or means it by its place in the table, which it then names.
    for (const std::size_t part : {1U, 2U}) {
        Bytes word = longest_word(parts[part]);
        if (!word.empty()) words_.push_back(std::move(word));
    }
    if (longest_word(parts[1]).empty() && longest_word(parts[2]).empty()) any_text_ = true;
    rules_.push_back({parts[0], parts[1], parts[2]});
    return {};
}

Result<void> RedactionRules::add_lines(BytesView content) {
    while (!content.empty()) {
        const std::size_t end = std::min(content.find('\n'), content.size());
        BytesView line = content.substr(0, end);
        content.remove_prefix(std::min(content.size(), end + 1));
        line = line.substr(0, line.find('#'));
        while (!line.empty() && sql::is_space(line.front())) line.remove_prefix(1);
        while (!line.empty() && sql::is_space(line.back())) line.remove_suffix(1);
        if (!line.empty()) UNDERSTUDY_CHECK(add(line));
    }
    return {};
}

bool RedactionRules::cover(BytesView schema, BytesView table, BytesView column) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
        return matches(rule.column, column) && fits(rule.table, table) && fits(rule.schema, schema);
    });
}

bool RedactionRules::can_cover(BytesView schema, BytesView table) const {
    return std::any_of(rules_.begin(), rules_.end(),
                       [&](const Rule& rule) { return fits(rule.table, table) && fits(rule.schema, schema); });
}

bool RedactionRules::name_table(BytesView schema, BytesView table) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
        return !rule.table.empty() && fits(rule.table, table) && fits(rule.schema, schema);
    });
}

bool RedactionRules::may_take_rows(BytesView sql) const {
    const bool anywhere = std::any_of(rules_.begin(), rules_.end(), [](const Rule& rule) {
        return rule.table.find_first_not_of('*') == Bytes::npos;
    });
    if (!anywhere) return false;
    const Bytes lower = sql::to_lower(sql);
    return lower.find("from") != Bytes::npos || lower.find("returning") != Bytes::npos;
}

bool RedactionRules::may_concern(BytesView sql) const {
    if (rules_.empty()) return false;
    if (any_text_) return true;
    const Bytes lower = sql::to_lower(sql);
    const auto holds = [&lower](BytesView word) { return lower.find(word) != Bytes::npos; };
    return std::any_of(words_.begin(), words_.end(), holds) || holds("insert") || holds("merge") || holds("copy") ||
           holds("execute") || holds("fetch") || holds("u&\"");
}

}  // namespace understudy::capture
