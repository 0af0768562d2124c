#include "capture/session/redactor.hpp"

#include <algorithm>

namespace understudy::capture {
namespace {

constexpr BytesView kPassword = "password";
constexpr BytesView kPostgres = "postgres";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

bool is_word(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 128;
}

/// Whether `word` (lower case) stands at `at`, in any case.
bool stands_at(BytesView text, std::size_t at, BytesView word) {
    return text.size() - at >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                      [](char a, char b) { return a == lower(b); });
}

/// The next place from `from` on where `word` stands, or the text's end.
std::size_t find_word(BytesView text, BytesView word, std::size_t from) {
    while (from < text.size() && !stands_at(text, from, word)) ++from;
    return from;
}

std::size_t skip_spaces(BytesView text, std::size_t at) {
    while (at < text.size() && is_space(text[at])) ++at;
    return at;
}

/// Where what `ends` (a pattern) closes begins, or the text's end.
std::size_t find_end(BytesView text, BytesView ends, std::size_t from) {
    return std::min(text.find(ends, from), text.size());
}

/// Where the literal or quoted identifier ends that opens with the quote before `at`: the place of its closing quote.
std::size_t end_of_quoted(BytesView text, std::size_t at, char quote, bool backslashes) {
    for (; at < text.size(); ++at) {
        if (backslashes && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            if (at + 1 >= text.size() || text[at + 1] != quote) return at;
            ++at;
        }
    }
    return text.size();
}

/// Hides what was sent as SQL, statement by statement; `text` and `out` are of the same length.
class Redaction {
public:
    explicit Redaction(Bytes& out) : out_(out) {}

    /// Follows the lexical rules of PostgreSQL ("SQL Syntax", "Lexical Structure") so far as they say what is a
    /// literal.
    void sql(BytesView text, std::size_t base, bool nested = false) {
        bool after_password = false;  // only spaces and comments since
        for (std::size_t at = 0; at < text.size();) {
            const char c = text[at];
            if (is_space(c)) {
                ++at;
            } else if (text.substr(at, 2) == "--") {
                const std::size_t end = find_end(text, "\n", at);
                connection_strings(text.substr(at, end - at), base + at);
                at = end;
            } else if (text.substr(at, 2) == "/*") {
                const std::size_t end = find_end(text, "*/", at + 2);
                connection_strings(text.substr(at, end - at), base + at);
                at = end + 2;
            } else if (c == '\'') {
                at = literal(text, base, at + 1, false, after_password);
            } else if (c == '"') {
                at = end_of_quoted(text, at + 1, '"', false) + 1;
                after_password = false;
            } else if (c == '$') {
                at = dollar(text, base, at, after_password, nested);
                after_password = false;
            } else if (is_word(c)) {
                at = word(text, base, at, after_password);
            } else {
                ++at;
                after_password = false;
            }
        }
    }

    /// Text that is no SQL: `password=secret`, `password 'secret'` and URLs, wherever they stand.
    void connection_strings(BytesView text, std::size_t base) {
        for (std::size_t at = find_word(text, kPassword, 0); at < text.size();) {
            at = find_word(text, kPassword, connection_value(text, base, at + kPassword.size()));
        }
        for (std::size_t at = find_word(text, kPostgres, 0); at < text.size();
             at = find_word(text, kPostgres, at + 1)) {
            url_password(text, base, at + kPostgres.size());
        }
    }

private:
    void hide(std::size_t begin, std::size_t end) {
        std::fill(out_.begin() + static_cast<std::ptrdiff_t>(begin), out_.begin() + static_cast<std::ptrdiff_t>(end),
                  '*');
    }

    /// A literal whose content begins at `at`, with those that continue it after a line break. Returns what follows.
    std::size_t literal(BytesView text, std::size_t base, std::size_t at, bool backslashes, bool& is_password) {
        while (true) {
            const std::size_t end = end_of_quoted(text, at, '\'', backslashes);
            if (is_password) {
                hide(base + at, base + end);
            } else {
                connection_strings(text.substr(at, end - at), base + at);
            }
            const std::size_t next = skip_spaces(text, std::min(end + 1, text.size()));
            const bool goes_on =
                next < text.size() && text[next] == '\'' && text.substr(end, next - end).find('\n') != BytesView::npos;
            if (goes_on) {
                at = next + 1;
                continue;
            }
            is_password = false;
            return end + 1;
        }
    }

    /// $tag$…$tag$, whose content may be SQL of a function or a DO, or a parameter's number.
    std::size_t dollar(BytesView text, std::size_t base, std::size_t at, bool is_password, bool nested) {
        std::size_t tag_end = at + 1;
        while (tag_end < text.size() && is_word(text[tag_end])) ++tag_end;
        if (tag_end >= text.size() || text[tag_end] != '$') return tag_end;
        const BytesView tag = text.substr(at, tag_end + 1 - at);
        const std::size_t begin = tag_end + 1;
        const std::size_t end = find_end(text, tag, begin);
        const BytesView content = text.substr(begin, end - begin);
        if (is_password) {
            hide(base + begin, base + end);
        } else if (nested || is_connection_string(content)) {
            connection_strings(content, base + begin);
        } else {
            sql(content, base + begin, true);
        }
        return end + tag.size();
    }

    /// A keyword, name or number, with the quote that it prefixes.
    std::size_t word(BytesView text, std::size_t base, std::size_t at, bool& after_password) {
        std::size_t end = at;
        while (end < text.size() && (is_word(text[end]) || text[end] == '$')) ++end;
        const BytesView whole = text.substr(at, end - at);
        if (whole.size() == 1 && end < text.size()) {
            if (text[end] == '\'') return literal(text, base, end + 1, lower(whole[0]) == 'e', after_password);
            if (lower(whole[0]) == 'u' && text.substr(end, 2) == "&'") {
                return literal(text, base, end + 2, false, after_password);
            }
        }
        after_password = whole.size() == kPassword.size() && stands_at(whole, 0, kPassword);
        return end;
    }

    /// A connection string begins with a keyword and '=', or is a URL, as no SQL does (libpq, "Connection Strings").
    static bool is_connection_string(BytesView content) {
        const std::size_t begin = skip_spaces(content, 0);
        if (stands_at(content, begin, kPostgres)) return true;
        std::size_t end = begin;
        while (end < content.size() && is_word(content[end])) ++end;
        const std::size_t equals = skip_spaces(content, end);
        return end > begin && equals < content.size() && content[equals] == '=';
    }

    /// password=secret or password='secret', whose quotes are doubled or escaped inside a literal; and PASSWORD
    /// 'secret' of SQL that a literal holds. Returns where to look on.
    std::size_t connection_value(BytesView text, std::size_t base, std::size_t after_word) {
        std::size_t at = skip_spaces(text, after_word);
        const bool equals = at < text.size() && text[at] == '=';
        const bool apart = equals || at > after_word;
        if (equals) at = skip_spaces(text, at + 1);
        std::size_t begin = at;
        while (begin < text.size() && begin < at + 2 && (text[begin] == '\'' || text[begin] == '\\')) ++begin;
        const bool quoted = begin > at;
        if (!apart || (!quoted && !equals) || begin >= text.size()) return begin;
        if (!quoted && (text[begin] == '$' || text[begin] == '(' || text[begin] == '"')) return begin;
        const BytesView closing = quoted && text[at] == '\\' ? "\\'" : "'";
        std::size_t end = begin;
        while (end < text.size() && !stands_at(text, end, closing) &&
               (quoted || (!is_space(text[end]) && text[end] != '&'))) {
            ++end;
        }
        hide(base + begin, base + end);
        return end;
    }

    /// postgres://user:secret@host
    void url_password(BytesView text, std::size_t base, std::size_t at) {
        if (stands_at(text, at, "ql")) at += 2;
        if (!stands_at(text, at, "://")) return;
        at += 3;
        std::size_t end = at;
        while (end < text.size() && !is_space(text[end]) && text[end] != '\'' && text[end] != '/' && text[end] != '@')
            ++end;
        const std::size_t colon = text.substr(0, end).find(':', at);
        if (end < text.size() && text[end] == '@' && colon < end) hide(base + colon + 1, base + end);
    }

    Bytes& out_;
};

bool may_hold_password(BytesView bytes) {
    return find_word(bytes, kPassword, 0) < bytes.size() || find_word(bytes, kPostgres, 0) < bytes.size();
}

}  // namespace

std::optional<Bytes> without_passwords(BytesView body) {
    if (!may_hold_password(body)) return std::nullopt;
    Bytes hidden(body);
    Redaction redaction(hidden);
    for (std::size_t begin = 0; begin < body.size();) {  // a Parse has a name, then the statement
        const std::size_t end = find_end(body, BytesView("\0", 1), begin);
        redaction.sql(body.substr(begin, end - begin), begin);
        begin = end + 1;
    }
    if (hidden == body) return std::nullopt;
    return hidden;
}

Bytes setting_without_passwords(BytesView value) {
    Bytes hidden(value);
    Redaction(hidden).connection_strings(value, 0);
    return hidden;
}

}  // namespace understudy::capture
