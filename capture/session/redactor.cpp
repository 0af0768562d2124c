#include "capture/session/redactor.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/pgwire/frontend_messages.hpp"

namespace understudy::capture {
namespace {

constexpr BytesView kPassword = "password";
constexpr BytesView kPostgres = "postgres";
constexpr BytesView kPgp = "pgp_";

/// Functions of pgcrypto with a password among their arguments, and which it is, from 1.
struct SecretArgument {
    BytesView function;
    std::size_t argument;
};
constexpr std::array<SecretArgument, 6> kSecretArguments{{{"pgp_sym_encrypt", 2},
                                                          {"pgp_sym_encrypt_bytea", 2},
                                                          {"pgp_sym_decrypt", 2},
                                                          {"pgp_sym_decrypt_bytea", 2},
                                                          {"pgp_pub_decrypt", 3},
                                                          {"pgp_pub_decrypt_bytea", 3}}};

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

/// Where a scan of SQL is: whether what comes next is a password.
struct SqlPlace {
    bool after_password = false;  ///< the word PASSWORD, and only spaces and comments since
    bool begins = true;           ///< no word of the statement came yet
    bool sets = false;            ///< SET name = value, where the name says that the value is one
    bool after_options = false;   ///< OPTIONS, the list of which comes next
    std::size_t depth = 0;        ///< of parentheses
    std::size_t options = 0;      ///< the depth inside OPTIONS ( … ), or 0
    std::size_t call = 0;         ///< the depth inside a call of kSecretArguments, or 0
    std::size_t secret = 0;       ///< of that call: the argument
    std::size_t argument = 0;     ///< the present one

    [[nodiscard]] bool is_password() const { return after_password || (call != 0 && argument == secret); }

    void punctuation(char c, bool& call_comes) {
        const bool opens_options = std::exchange(after_options, false);
        if (c == '(') {
            ++depth;
            if (opens_options) options = depth;
            if (std::exchange(call_comes, false)) {
                call = depth;
                argument = 1;
            }
        } else if (c == ')') {
            if (depth == options) options = 0;
            if (depth == call) call = 0;
            if (depth > 0) --depth;
        } else if (c == ',' && depth == call) {
            ++argument;
        } else if (c == ';' && depth == 0) {
            *this = {};
        }
        if (c != '=') after_password = false;
        if (c == '=' && !sets) after_password = false;
    }
};

/// Hides what was sent as SQL, statement by statement; `text` and `out` are of the same length.
class PasswordRedaction {
public:
    explicit PasswordRedaction(Bytes& out) : out_(out) {}

    /// Follows the lexical rules of PostgreSQL ("SQL Syntax", "Lexical Structure") so far as they say what is a
    /// literal.
    void sql(BytesView text, std::size_t base, bool nested = false) {
        SqlPlace place;
        bool call_comes = false;
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
                at = literal(text, base, at + 1, false, place);
            } else if (c == '"') {
                const std::size_t end = end_of_quoted(text, at + 1, '"', false);
                place.after_password = place.options != 0 && is_secret_name(text.substr(at + 1, end - at - 1));
                at = end + 1;
            } else if (c == '$') {
                at = dollar(text, base, at, place.is_password(), nested);
                place.after_password = false;
            } else if (is_word(c)) {
                at = word(text, base, at, place, call_comes);
            } else {
                ++at;
                place.punctuation(c, call_comes);
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
    std::size_t literal(BytesView text, std::size_t base, std::size_t at, bool backslashes, SqlPlace& place) {
        while (true) {
            std::size_t end = end_of_quoted(text, at, '\'', backslashes);
            // With standard_conforming_strings off a backslash escapes the quote here too. Where that matters and is
            // not known, what would be a password either way is hidden.
            const bool escaped = !backslashes && ends_in_escape(text.substr(at, end - at));
            if (escaped && !unescaped_to_end_ &&
                (place.is_password() || may_hold_password(text.substr(at, end - at)))) {
                const std::size_t further = end_of_quoted(text, at, '\'', true);
                unescaped_to_end_ = further >= text.size();
                if (!unescaped_to_end_) end = further;
            }
            if (place.is_password()) {
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
            place.after_password = false;
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
    std::size_t word(BytesView text, std::size_t base, std::size_t at, SqlPlace& place, bool& call_comes) {
        std::size_t end = at;
        while (end < text.size() && (is_word(text[end]) || text[end] == '$')) ++end;
        const BytesView whole = text.substr(at, end - at);
        if (whole.size() == 1 && end < text.size()) {
            if (text[end] == '\'') return literal(text, base, end + 1, lower(whole[0]) == 'e', place);
            if (lower(whole[0]) == 'u' && text.substr(end, 2) == "&'") {
                return literal(text, base, end + 2, false, place);
            }
        }
        const bool is_to = whole.size() == 2 && stands_at(whole, 0, "to");
        if (place.begins) place.sets = is(whole, "set") || is(whole, "alter");
        place.begins = false;
        place.after_options = is(whole, "options");
        if (place.sets && is_to) return end;
        place.after_password = is(whole, kPassword) || ((place.options != 0 || place.sets) && is_secret_name(whole));
        if (place.call == 0) {
            call_comes = false;
            for (const SecretArgument& secret : kSecretArguments) {
                if (!is(whole, secret.function)) continue;
                call_comes = true;
                place.secret = secret.argument;
            }
        }
        return end;
    }

    static bool is(BytesView whole, BytesView word) { return whole.size() == word.size() && stands_at(whole, 0, word); }

    /// Of an option or a setting: password, sslpassword, app.db_password.
    static bool is_secret_name(BytesView name) {
        return name.size() >= kPassword.size() && stands_at(name, name.size() - kPassword.size(), kPassword);
    }

    /// Whether a content would go on after its quote if backslashes were escapes.
    static bool ends_in_escape(BytesView content) {
        const std::size_t last = content.find_last_not_of('\\');
        return (content.size() - (last == BytesView::npos ? 0 : last + 1)) % 2 == 1;
    }

    static bool may_hold_password(BytesView bytes) { return find_word(bytes, kPassword, 0) < bytes.size(); }

public:
    /// A connection string begins with a keyword and '=', or is a URL, as no SQL does (libpq, "Connection Strings").
    static bool is_connection_string(BytesView content) {
        const std::size_t begin = skip_spaces(content, 0);
        if (stands_at(content, begin, kPostgres)) return true;
        std::size_t end = begin;
        while (end < content.size() && is_word(content[end])) ++end;
        const std::size_t equals = skip_spaces(content, end);
        return end > begin && equals < content.size() && content[equals] == '=';
    }

private:
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
            end += text[end] == '\\' && end + 1 < text.size() ? 2U : 1U;
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
    bool unescaped_to_end_ = false;  ///< read with escapes, no literal ends any more
};

bool may_hold_password(BytesView bytes) {
    std::size_t at = 0;
    const auto is = [&](BytesView word) { return stands_at(bytes, at, word); };
    while (at < bytes.size() && ((bytes[at] | 0x20) != 'p' || (!is(kPassword) && !is(kPostgres) && !is(kPgp)))) ++at;
    return at < bytes.size();
}

}  // namespace

std::optional<Bytes> without_passwords(BytesView body) {
    if (!may_hold_password(body)) return std::nullopt;
    Bytes hidden(body);
    PasswordRedaction redaction(hidden);
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
    PasswordRedaction(hidden).connection_strings(value, 0);
    return hidden;
}

std::optional<Bytes> bound_without_passwords(BytesView body) {
    if (!may_hold_password(body)) return std::nullopt;
    const auto decoded = pgwire::decode_frontend({'B', body, body});
    if (!decoded) return std::nullopt;
    auto bind = std::get<pgwire::Bind>(*decoded);
    for (auto& value : bind.parameters) {
        if (value && PasswordRedaction::is_connection_string(*value)) value = setting_without_passwords(*value);
    }
    Bytes hidden = pgwire::encode_frontend(bind).substr(5);
    if (hidden == body) return std::nullopt;
    return hidden;
}

}  // namespace understudy::capture
