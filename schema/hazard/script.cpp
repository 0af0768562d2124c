#include "schema/hazard/script.hpp"

#include <algorithm>

#include "core/sql/lexer.hpp"
#include "core/sql/split.hpp"

namespace understudy::schema::hazard {

std::vector<ScriptStatement> script_of(const std::string& file, BytesView text) {
    std::vector<ScriptStatement> statements;
    const char* at = text.data();
    std::uint32_t line = 1;
    for (const BytesView statement : sql::split_statements(text)) {
        const char* begin = statement.data();
        for (const sql::Token& token : sql::Tokens(statement)) {
            if (token.kind == sql::TokenKind::comment) continue;
            begin = token.text.data();
            break;
        }
        line += static_cast<std::uint32_t>(std::count(at, begin, '\n'));
        at = begin;
        statements.push_back({Bytes(statement), file, line});
    }
    return statements;
}

}  // namespace understudy::schema::hazard
