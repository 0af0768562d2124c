#include "core/catalog/search_path.hpp"

#include "core/catalog/catalog.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::catalog {
namespace {

using sql::Token;
using sql::TokenKind;

constexpr BytesView kSetting = "search_path";
/// A path needs few tokens; what stands further on in a statement is not looked at.
constexpr std::size_t kMaxTokens = 200;

std::vector<Token> tokens_of(BytesView sql) {
    std::vector<Token> tokens;
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind != TokenKind::comment) tokens.push_back(token);
        if (tokens.size() == kMaxTokens) break;
    }
    return tokens;
}

/// A quoted body with its doubled quotes undone.
Bytes undoubled(const Token& token, char quote) {
    Bytes out;
    for (std::size_t i = 0; i < token.body.size(); ++i) {
        out += token.body[i];
        if (token.body[i] == quote) ++i;
    }
    return out;
}

/// The schema that a token of a SET's list names, as the setting holds it. A string is one name, whatever it
/// contains.
Bytes listed(const Token& token) {
    if (token.kind == TokenKind::quoted_identifier) return quoted_if_needed(undoubled(token, '"'));
    if (token.kind == TokenKind::string) {
        const Bytes name = undoubled(token, '\'');
        return name.empty() ? Bytes("\"\"") : quoted_if_needed(name);
    }
    return sql::to_lower(token.text);
}

/// Splits start-up options as the server does (pg_split_opts()): at blanks, a backslash protecting the next
/// character.
std::vector<Bytes> split_options(BytesView text) {
    std::vector<Bytes> parts;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (sql::is_space(text[i])) {
            inside = false;
            continue;
        }
        if (!inside) parts.emplace_back();
        inside = true;
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        parts.back() += text[i];
    }
    return parts;
}

std::optional<Bytes> path_of_options(BytesView text) {
    std::optional<Bytes> path;
    const std::vector<Bytes> parts = split_options(text);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        BytesView part = parts[i];
        if (part == "-c" && i + 1 < parts.size()) {
            part = parts[++i];
        } else if (part.starts_with("-c") || part.starts_with("--")) {
            part.remove_prefix(2);
        } else {
            continue;
        }
        const std::size_t equals = part.find('=');
        if (equals == BytesView::npos) continue;
        Bytes name = sql::to_lower(part.substr(0, equals));
        for (char& c : name) c = c == '-' ? '_' : c;
        if (name == kSetting) path = Bytes(part.substr(equals + 1));
    }
    return path;
}

}  // namespace

SearchPath::SearchPath(const std::vector<std::pair<Bytes, Bytes>>& startup) {
    for (const auto& [name, value] : startup) {
        if (sql::to_lower(name) == kSetting) startup_ = value;
        if (name == "options") {
            if (auto path = path_of_options(value)) startup_ = std::move(path);
        }
    }
    path_ = startup_;
}

bool SearchPath::may_change(BytesView sql) {
    const Bytes word = sql::first_word(sql);
    if (word == "select") return sql.find("set_config") != BytesView::npos && sql.find(kSetting) != BytesView::npos;
    for (const BytesView known : {"set", "reset", "discard", "begin", "start", "commit", "end", "rollback", "abort"}) {
        if (word == known) return true;
    }
    return false;
}

void SearchPath::assign(Path path, bool local) {
    if (local) {
        if (before_begin_) local_ = std::move(path);
        return;
    }
    path_ = std::move(path);
    local_.reset();
}

void SearchPath::end_transaction(bool keep) {
    local_.reset();
    if (!keep && before_begin_) path_ = *before_begin_;
    before_begin_.reset();
}

void SearchPath::on_statement(BytesView sql) {
    if (!may_change(sql)) return;
    const std::vector<Token> tokens = tokens_of(sql);
    const auto word = [&](std::size_t i, BytesView lower) {
        return i < tokens.size() && sql::is_word(tokens[i], lower);
    };
    if (word(0, "begin") || word(0, "start")) {
        if (!before_begin_) before_begin_ = path_;
    } else if (word(0, "commit") || word(0, "end")) {
        end_transaction(true);
    } else if (word(0, "rollback") || word(0, "abort")) {
        for (std::size_t i = 1; i < tokens.size(); ++i) {
            if (word(i, "to") || word(i, "prepared")) return;
        }
        end_transaction(false);
    } else if (word(0, "discard") || word(0, "reset")) {
        if (word(1, "all") || word(1, kSetting)) assign(startup_, false);
    } else if (word(0, "select")) {
        for (std::size_t i = 1; i + 6 < tokens.size(); ++i) {
            if (!word(i, "set_config") || !tokens[i + 1].is('(') || tokens[i + 2].body != kSetting) continue;
            if (tokens[i + 4].kind == TokenKind::string) assign(undoubled(tokens[i + 4], '\''), word(i + 6, "true"));
        }
    } else {
        const bool local = word(1, "local");
        std::size_t at = local || word(1, "session") ? 2 : 1;
        if (word(at, "schema") && at + 1 < tokens.size() && tokens[at + 1].kind == TokenKind::string) {
            return assign(listed(tokens[at + 1]), local);
        }
        if (!word(at, kSetting) || at + 2 >= tokens.size()) return;
        at += 2;  // the = or TO
        if (word(at, "default")) return assign(startup_, local);
        Bytes path;
        for (; at < tokens.size(); ++at) {
            if (tokens[at].is(';')) break;
            path += tokens[at].is(',') ? Bytes(", ") : listed(tokens[at]);
        }
        assign(std::move(path), local);
    }
}

Bytes with_user(BytesView path, BytesView user) {
    constexpr BytesView kQuoted = "\"$user\"";
    constexpr BytesView kPlain = "$user";
    if (user.empty()) return Bytes(path);
    Bytes out;
    while (!path.empty()) {
        const bool at_element = out.empty() || out.back() == ',' || sql::is_space(out.back());
        const BytesView found = path.starts_with(kQuoted) ? kQuoted : path.starts_with(kPlain) ? kPlain : BytesView();
        if (found.empty() || !at_element) {
            out += path.front();
            path.remove_prefix(1);
        } else {
            out += quoted_if_needed(user);
            path.remove_prefix(found.size());
        }
    }
    return out;
}

std::vector<Bytes> schemas_of(BytesView path, BytesView user) {
    const Bytes text = with_user(path, user);
    std::vector<Bytes> schemas;
    for (const Token& token : sql::Tokens(text)) {
        if (token.kind == TokenKind::quoted_identifier) schemas.push_back(undoubled(token, '"'));
        if (token.kind == TokenKind::word) schemas.push_back(sql::to_lower(token.text));
    }
    return schemas;
}

}  // namespace understudy::catalog
