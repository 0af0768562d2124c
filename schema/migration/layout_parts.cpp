#include "schema/migration/layout_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/sql/lexer.hpp"

namespace understudy::schema::layouts {
namespace {

constexpr std::size_t kShownComment = 100;

bool says_irreversible(BytesView text) {
    const Bytes lower = sql::to_lower(text);
    for (const char* words :
         {"irreversible", "not reversible", "cannot be reverted", "cannot be undone", "cannot be rolled back"}) {
        if (lower.find(words) != Bytes::npos) return true;
    }
    return false;
}

/// `DO $$ BEGIN RAISE EXCEPTION 'irreversible' …` and nothing else.
bool only_raises(const Script& script) {
    if (script.statements.size() != 1) return false;
    const Bytes lower = sql::to_lower(script.statements[0].text);
    return sql::first_word(lower) == "do" && lower.find("raise exception") != Bytes::npos && says_irreversible(lower);
}

}  // namespace

std::string_view base_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && sql::is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && sql::is_space(text.back())) text.remove_suffix(1);
    return text;
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void for_each_line(BytesView text, const std::function<void(const Line&)>& take) {
    std::size_t number = 1;
    for (std::size_t offset = 0; offset < text.size(); ++number) {
        const std::size_t end = std::min(text.size(), text.find('\n', offset));
        const std::size_t next = std::min(text.size(), end + 1);
        BytesView line = text.substr(offset, end - offset);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        take({line, number, offset, next});
        offset = next;
    }
}

int compare_numbers(std::string_view a, std::string_view b) {
    const auto significant = [](std::string_view text) {
        return text.substr(std::min(text.size(), text.find_first_not_of('0')));
    };
    a = significant(a);
    b = significant(b);
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    return a.compare(b);
}

std::optional<NumberedName> numbered(std::string_view stem) {
    const std::size_t end = stem.find('_');
    if (end == std::string_view::npos || !all_digits(stem.substr(0, end))) return std::nullopt;
    return NumberedName{std::string(stem.substr(0, end)), std::string(stem.substr(end + 1))};
}

std::string declared_in(const Script& script) {
    for (const sql::Token& token : sql::Tokens(script.text)) {
        if (token.kind != sql::TokenKind::comment || !says_irreversible(token.text)) continue;
        return fmt::format("{}:{}: {}", script.path, line_of(script.text, token.offset, script.line),
                           trimmed(token.text.substr(0, kShownComment)));
    }
    if (only_raises(script)) {
        return fmt::format("{}:{}: the script only raises an exception", script.path, script.statements[0].line);
    }
    return {};
}

void judge_down(Migration& migration) {
    if (migration.down) {
        const bool no_way = migration.down->empty() || only_raises(*migration.down);
        if (no_way && migration.declared_irreversible.empty())
            migration.declared_irreversible = declared_in(*migration.down);
        if (migration.down->empty()) migration.down.reset();
    }
    if (!migration.down && migration.declared_irreversible.empty()) {
        migration.declared_irreversible = declared_in(migration.up);
    }
}

Error malformed(const std::string& path, std::size_t line, const std::string& what) {
    return make_error(Errc::malformed, fmt::format("{}:{}: {}", path, line, what));
}

}  // namespace understudy::schema::layouts
