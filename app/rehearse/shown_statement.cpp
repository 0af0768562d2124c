#include "app/rehearse/shown_statement.hpp"

#include "core/sql/lexer.hpp"

namespace understudy::app {

std::string shown_statement(BytesView statement, std::size_t limit) {
    std::string text;
    std::size_t done = 0;
    const auto add = [&](BytesView piece) {
        for (const char c : piece) {
            const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
            if (!space) text.push_back(c);
            if (space && !text.empty() && text.back() != ' ') text.push_back(' ');
        }
    };
    for (const sql::Token& token : sql::Tokens(statement)) {
        const bool constant = token.kind == sql::TokenKind::string || token.kind == sql::TokenKind::dollar_string;
        if (!constant && token.kind != sql::TokenKind::comment) continue;
        add(statement.substr(done, token.offset - done));
        if (constant) text += "'…'";
        done = token.end();
        if (text.size() > limit) break;
    }
    if (text.size() <= limit) add(statement.substr(done));
    while (!text.empty() && (text.back() == ' ' || text.back() == ';')) text.pop_back();
    return text.size() > limit ? text.substr(0, limit) + "…" : text;
}

}  // namespace understudy::app
