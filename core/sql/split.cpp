#include "core/sql/split.hpp"

#include <pg_query.h>

#include <algorithm>
#include <optional>

#include "core/sql/lexer.hpp"
#include "core/sql/parser_guard.hpp"

namespace understudy::sql {
namespace {

/// Gathers the extent of one statement's tokens.
class Extent {
public:
    void take(const Token& token) {
        if (!begin_) begin_ = token.offset;
        end_ = token.end();
        code_ = code_ || token.kind != TokenKind::comment;
    }
    void finish(BytesView sql, std::vector<BytesView>& out) {
        if (begin_ && code_) out.push_back(sql.substr(*begin_, end_ - *begin_));
        *this = Extent{};
    }

private:
    std::optional<std::size_t> begin_;
    std::size_t end_ = 0;
    bool code_ = false;
};

struct LexicalSplit {
    std::vector<BytesView> statements;
    bool atomic = false;  ///< the word ATOMIC occurs: only the parser knows where such a body ends
};

LexicalSplit split_by_tokens(BytesView sql) {
    LexicalSplit result;
    Extent extent;
    std::size_t depth = 0;
    for (const Token& token : Tokens(sql)) {
        if (token.is(';') && depth == 0) {
            extent.finish(sql, result.statements);
            continue;
        }
        if (token.is('(')) ++depth;
        if (token.is(')') && depth > 0) --depth;
        result.atomic = result.atomic || is_word(token, "atomic");
        extent.take(token);
    }
    extent.finish(sql, result.statements);
    return result;
}

std::optional<std::vector<BytesView>> split_by_parser(BytesView sql) {
    if (!parsable(sql)) return std::nullopt;
    const PgQuerySplitResult result = pg_query_split_with_parser(parser_input(sql).c_str());
    std::optional<std::vector<BytesView>> statements;
    if (result.error == nullptr) {
        statements.emplace();
        for (int i = 0; i < result.n_stmts; ++i) {
            const auto from = static_cast<std::size_t>(std::max(0, result.stmts[i]->stmt_location));
            const auto length = static_cast<std::size_t>(std::max(0, result.stmts[i]->stmt_len));
            if (from >= sql.size()) continue;
            const BytesView part = sql.substr(from, length == 0 ? BytesView::npos : length);
            Extent extent;
            for (const Token& token : Tokens(part)) {
                extent.take(token);
            }
            extent.finish(part, *statements);
        }
    }
    pg_query_free_split_result(result);
    return statements;
}

}  // namespace

std::vector<BytesView> split_statements(BytesView sql) {
    LexicalSplit split = split_by_tokens(sql);
    if (split.atomic && split.statements.size() > 1) {
        if (auto parsed = split_by_parser(sql)) return std::move(*parsed);
    }
    return std::move(split.statements);
}

}  // namespace understudy::sql
