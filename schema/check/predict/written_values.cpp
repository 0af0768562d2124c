#include "schema/check/predict/written_values.hpp"

#include <charconv>
#include <variant>

#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/literal_value.hpp"

namespace understudy::schema {
namespace {

using sql::Token;
using sql::TokenKind;
using Kind = WrittenValue::Kind;

constexpr std::size_t kMaxTokens = 20'000;
constexpr std::size_t kMaxRows = 200;

struct Execution {
    Bytes sql;
    std::vector<WrittenValue> parameters;
};

std::vector<WrittenValue> parameters_of(BytesView bind_tail) {
    std::vector<WrittenValue> result;
    const Bytes body = Bytes(2, '\0').append(bind_tail);
    pgwire::FrameView frame;
    frame.tag = static_cast<decltype(frame.tag)>(pgwire::FrontendTag::bind);
    frame.body = body;
    const auto decoded = pgwire::decode_frontend(frame);
    const auto* bind = decoded ? std::get_if<pgwire::Bind>(&*decoded) : nullptr;
    if (bind == nullptr) return result;
    const auto& formats = bind->parameter_formats;
    for (std::size_t i = 0; i < bind->parameters.size(); ++i) {
        const auto& parameter = bind->parameters[i];
        const bool binary = !formats.empty() && (formats.size() == 1 ? formats[0] : formats[i]) != 0;
        result.push_back(parameter ? WrittenValue{Kind::value, binary ? Bytes() : *parameter}
                                   : WrittenValue{Kind::null, {}});
    }
    return result;
}

std::vector<Execution> executions_of(const RecordedStatement& statement) {
    std::vector<Execution> result;
    for (const StatementSample& sample : statement.samples) {
        if (!sample.bind.empty()) result.push_back({statement.sql, parameters_of(sample.bind)});
    }
    if (!result.empty()) return result;
    result.push_back({statement.sql, {}});
    for (const StatementSample& sample : statement.samples) result.push_back({sample.sql, {}});
    return result;
}

std::vector<Token> tokens_of(BytesView sql) {
    std::vector<Token> tokens;
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind != TokenKind::comment) tokens.push_back(token);
        if (tokens.size() == kMaxTokens) break;
    }
    return tokens;
}

/// One expression, from its tokens: a plain value may have a cast behind it.
WrittenValue value_of(const std::vector<Token>& tokens, std::size_t begin, std::size_t end,
                      const Execution& execution) {
    const bool minus = begin < end && tokens[begin].text == "-";
    if (minus) ++begin;
    if (begin >= end || (begin + 1 < end && tokens[begin + 1].text != "::")) return {};
    const Token& token = tokens[begin];
    if (sql::is_word(token, "null")) return {Kind::null, {}};
    if (sql::is_word(token, "default")) return {Kind::fallback, {}};
    if (sql::is_word(token, "true") || sql::is_word(token, "false")) return {Kind::value, sql::to_lower(token.text)};
    if (token.kind == TokenKind::parameter) {
        std::size_t number = 0;
        std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
        if (number == 0 || number > execution.parameters.size()) return {};
        return execution.parameters[number - 1];
    }
    if (token.kind == TokenKind::string || token.kind == TokenKind::dollar_string) {
        return {Kind::value, sql::literal_value(token)};
    }
    if (sql::is_constant(token.kind)) return {Kind::value, (minus ? "-" : "") + Bytes(token.text)};
    return {};
}

int depth_change(const Token& token) {
    if (token.is('(') || token.is('[')) return 1;
    return token.is(')') || token.is(']') ? -1 : 0;
}

/// The tuples of the first VALUES list outside of parentheses.
std::vector<std::vector<WrittenValue>> tuples_of(const Execution& execution) {
    const std::vector<Token> tokens = tokens_of(execution.sql);
    std::vector<std::vector<WrittenValue>> result;
    int depth = 0;
    std::size_t at = 0;
    for (; at < tokens.size() && !(depth == 0 && sql::is_word(tokens[at], "values")); ++at)
        depth += depth_change(tokens[at]);
    for (++at; at < tokens.size() && tokens[at].is('(') && result.size() < kMaxRows; ++at) {
        auto& tuple = result.emplace_back();
        std::size_t begin = at + 1;
        depth = 0;
        for (; at < tokens.size(); ++at) {
            depth += depth_change(tokens[at]);
            if (depth == 0 || (depth == 1 && tokens[at].is(','))) {
                tuple.push_back(value_of(tokens, begin, at, execution));
                begin = at + 1;
            }
            if (depth == 0) break;
        }
        if (at + 1 < tokens.size() && tokens[at + 1].is(',')) ++at;
    }
    return result;
}

Bytes name_of(const Token& token) {
    return Bytes(token.kind == TokenKind::word ? sql::to_lower(token.text) : token.body);
}

/// name = expression, … between SET and what follows it.
WrittenRow assignments_of(const Execution& execution) {
    const std::vector<Token> tokens = tokens_of(execution.sql);
    WrittenRow row;
    int depth = 0;
    std::size_t at = 0;
    for (; at < tokens.size() && !(depth == 0 && sql::is_word(tokens[at], "set")); ++at)
        depth += depth_change(tokens[at]);
    const auto ends = [&](const Token& token) {
        return sql::is_word(token, "where") || sql::is_word(token, "from") || sql::is_word(token, "returning");
    };
    while (at + 2 < tokens.size() && !ends(tokens[at])) {
        const Token& name = tokens[++at];
        if (at + 1 >= tokens.size() || tokens[at + 1].text != "=") break;  // (a, b) = …: not looked at
        const std::size_t begin = at + 2;
        for (at = begin; at < tokens.size(); ++at) {
            if (depth == 0 && (tokens[at].is(',') || ends(tokens[at]))) break;
            depth += depth_change(tokens[at]);
        }
        row[name_of(name)] = value_of(tokens, begin, at, execution);
    }
    return row;
}

}  // namespace

std::vector<WrittenRow> written_rows(const RecordedStatement& statement, const sql::RelationAccess& access,
                                     const RelationFacts& relation) {
    std::vector<WrittenRow> rows;
    for (const Execution& execution : executions_of(statement)) {
        if (rows.size() >= kMaxRows) break;
        if (access.kind == sql::AccessKind::update) {
            const WrittenRow known = assignments_of(execution);
            WrittenRow& row = rows.emplace_back();
            for (const Bytes& column : access.sets) {
                const auto found = known.find(column);
                row[column] = found != known.end() ? found->second : WrittenValue{};
            }
            continue;
        }
        for (const auto& tuple : tuples_of(execution)) {
            WrittenRow& row = rows.emplace_back();
            for (const ColumnFacts& column : relation.columns) row[column.name] = {Kind::fallback, {}};
            for (std::size_t i = 0; i < tuple.size(); ++i) {
                const bool listed = !access.columns.empty();
                if (i >= (listed ? access.columns.size() : relation.columns.size())) break;
                row[listed ? access.columns[i] : relation.columns[i].name] = tuple[i];
            }
        }
    }
    return rows;
}

}  // namespace understudy::schema
