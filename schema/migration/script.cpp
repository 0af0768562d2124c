#include "schema/migration/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/sql/lexer.hpp"
#include "core/sql/split.hpp"

namespace understudy::schema {
namespace {

using sql::Token;
using sql::TokenKind;

Error unsupported(const std::string& path, std::size_t line, const std::string& what) {
    return make_error(Errc::unsupported, fmt::format("{}:{}: {}", path, line, what));
}

/// The word that a meta-command begins with, for the message.
BytesView command_word(BytesView text, std::size_t offset) {
    const std::size_t end = std::min(text.size(), text.find_first_of(" \t\r\n;", offset));
    return text.substr(offset, std::min<std::size_t>(end - offset, 40));
}

/// Finds what only psql understands (PostgreSQL docs, "psql", meta-commands and "SQL Interpolation").
class PsqlDetector {
public:
    PsqlDetector(const std::string& path, BytesView text, std::size_t first_line)
        : path_(path), text_(text), first_line_(first_line) {}

    Result<void> run() {
        for (const Token& token : sql::Tokens(text_)) {
            if (token.kind == TokenKind::comment) continue;
            UNDERSTUDY_CHECK(take(token));
            previous_ = token;
        }
        return {};
    }

private:
    [[nodiscard]] std::size_t line(const Token& token) const { return line_of(text_, token.offset, first_line_); }

    Result<void> take(const Token& token) {
        if (token.text[0] == '\\') {
            return unsupported(path_, line(token),
                               fmt::format("{} is a command of psql, which no server understands: write its SQL into "
                                           "the file, or give the whole run as --migrate-command",
                                           command_word(text_, token.offset)));
        }
        if (token.is('[')) ++brackets_;
        if (token.is(']') && brackets_ > 0) --brackets_;
        if (is_variable(token)) {
            return unsupported(
                path_, line(token),
                fmt::format(":{} is a variable of psql: write its value into the file, or give the whole "
                            "run as --migrate-command",
                            token.text.substr(0, 40)));
        }
        if (token.is(';')) {
            words_ = 0;
            copy_ = false;
            return {};
        }
        if (words_++ == 0) copy_ = sql::is_word(token, "copy");
        if (copy_ && sql::is_word(previous_, "from") && sql::is_word(token, "stdin")) {
            return unsupported(
                path_, line(token),
                "the data of COPY … FROM stdin is not read from a script: write it as INSERT, or give the "
                "whole run as --migrate-command");
        }
        return {};
    }

    [[nodiscard]] bool is_variable(const Token& token) const {
        if (!previous_.is(':') || previous_.end() != token.offset || brackets_ > 0) return false;
        return token.kind == TokenKind::word || token.kind == TokenKind::string ||
               token.kind == TokenKind::quoted_identifier;
    }

    const std::string& path_;
    BytesView text_;
    std::size_t first_line_;
    Token previous_;
    std::size_t brackets_ = 0;
    std::size_t words_ = 0;
    bool copy_ = false;
};

Result<void> check_text(const std::string& path, BytesView text, std::size_t first_line) {
    if (text.size() > kMaxScriptBytes) {
        return make_error(Errc::limit,
                          fmt::format("{}: {} bytes, {} allowed for a migration", path, text.size(), kMaxScriptBytes));
    }
    if (const std::size_t zero = text.find('\0'); zero != BytesView::npos) {
        return make_error(Errc::malformed, fmt::format("{}:{}: a zero byte; is the file UTF-16? Save it as UTF-8", path,
                                                       line_of(text, zero, first_line)));
    }
    return PsqlDetector(path, text, first_line).run();
}

/// Where the statement's first word stands; comments before it belong to it.
std::size_t first_word_offset(BytesView statement) {
    for (const Token& token : sql::Tokens(statement)) {
        if (token.kind != TokenKind::comment) return token.offset;
    }
    return 0;
}

bool has_code(BytesView text) {
    for (const Token& token : sql::Tokens(text)) {
        if (token.kind != TokenKind::comment && !token.is(';')) return true;
    }
    return false;
}

}  // namespace

std::size_t line_of(BytesView text, std::size_t offset, std::size_t first_line) {
    const BytesView before = text.substr(0, std::min(offset, text.size()));
    return first_line + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

Result<Script> make_script(std::string path, BytesView text, std::size_t first_line) {
    UNDERSTUDY_CHECK(check_text(path, text, first_line));
    Script script{std::move(path), first_line, Bytes(text), {}};
    const std::vector<BytesView> parts = sql::split_statements(text);
    if (parts.size() > kMaxScriptStatements) {
        return make_error(
            Errc::limit, fmt::format("{}: {} statements, {} allowed", script.path, parts.size(), kMaxScriptStatements));
    }
    std::size_t line = first_line;
    std::size_t counted = 0;
    for (const BytesView part : parts) {
        const auto offset = static_cast<std::size_t>(part.data() - text.data()) + first_word_offset(part);
        line = line_of(text.substr(counted), offset - counted, line);
        counted = offset;
        script.statements.push_back({Bytes(part), line});
    }
    return script;
}

Result<Script> make_whole_script(std::string path, BytesView text, std::size_t first_line) {
    UNDERSTUDY_CHECK(check_text(path, text, first_line));
    Script script{std::move(path), first_line, Bytes(text), {}};
    if (has_code(text)) {
        script.statements.push_back({Bytes(text), line_of(text, first_word_offset(text), first_line)});
    }
    return script;
}

void append(Script& script, Script more) {
    if (script.text.empty() && script.statements.empty()) {
        script = std::move(more);
        return;
    }
    if (!script.text.empty() && script.text.back() != '\n') script.text += '\n';
    script.text += more.text;
    for (ScriptStatement& statement : more.statements) script.statements.push_back(std::move(statement));
}

std::size_t statement_at(const Script& script, std::size_t position) {
    if (position == 0) return script.statements.size();
    std::size_t byte = 0;
    for (std::size_t left = position - 1; left > 0 && byte < script.text.size(); --left) {
        ++byte;
        while (byte < script.text.size() && (static_cast<unsigned char>(script.text[byte]) & 0xC0U) == 0x80U) ++byte;
    }
    std::size_t from = 0;
    for (std::size_t i = 0; i < script.statements.size(); ++i) {
        const std::size_t begin = script.text.find(script.statements[i].text, from);
        if (begin == Bytes::npos) break;
        from = begin + script.statements[i].text.size();
        if (byte < from) return i;
    }
    return script.statements.empty() ? 0 : script.statements.size() - 1;  // an error at the end of the text
}

}  // namespace understudy::schema
