#include "schema/migration/migration.hpp"

#include <algorithm>
#include <array>

#include "core/sql/lexer.hpp"

namespace understudy::schema {
namespace {

constexpr std::array kModes = {RunMode::one_batch, RunMode::statements, RunMode::transaction,
                               RunMode::transaction_batch};
constexpr std::array kLayouts = {Layout::plain,       Layout::golang_migrate, Layout::flyway,
                                 Layout::sqitch,      Layout::dbmate,         Layout::goose,
                                 Layout::sql_migrate, Layout::diesel,         Layout::liquibase};

/// The first words of a statement in lower case, comments left out; other tokens as they are.
std::vector<Bytes> first_tokens(BytesView statement, std::size_t count) {
    std::vector<Bytes> tokens;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (token.kind == sql::TokenKind::comment) continue;
        tokens.push_back(token.kind == sql::TokenKind::word ? sql::to_lower(token.text) : Bytes(token.text));
        if (tokens.size() == count) break;
    }
    tokens.resize(count);
    return tokens;
}

bool one_of(const Bytes& word, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* other) { return word == other; });
}

bool has_word(BytesView statement, BytesView word) {
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (sql::is_word(token, word)) return true;
    }
    return false;
}

}  // namespace

const char* to_string(RunMode mode) {
    switch (mode) {
        case RunMode::one_batch: return "one-batch";
        case RunMode::statements: return "statements";
        case RunMode::transaction: return "transaction";
        case RunMode::transaction_batch: return "transaction-batch";
    }
    return "";
}

std::optional<RunMode> parse_run_mode(std::string_view text) {
    for (const RunMode mode : kModes) {
        if (text == to_string(mode)) return mode;
    }
    return std::nullopt;
}

const char* to_string(Layout layout) {
    switch (layout) {
        case Layout::plain: return "plain";
        case Layout::golang_migrate: return "golang-migrate";
        case Layout::flyway: return "flyway";
        case Layout::sqitch: return "sqitch";
        case Layout::dbmate: return "dbmate";
        case Layout::goose: return "goose";
        case Layout::sql_migrate: return "sql-migrate";
        case Layout::diesel: return "diesel";
        case Layout::liquibase: return "liquibase";
    }
    return "";
}

std::optional<Layout> parse_layout(std::string_view name) {
    for (const Layout layout : kLayouts) {
        if (name == to_string(layout)) return layout;
    }
    return std::nullopt;
}

bool refused_in_transaction(BytesView statement) {
    const std::vector<Bytes> words = first_tokens(statement, 4);
    if (words[0] == "vacuum") return true;
    if (words[0] == "alter" && words[1] == "system") return true;
    if (one_of(words[0], {"create", "drop"})) {
        if (one_of(words[1], {"database", "tablespace", "subscription"})) return true;
        const bool index = words[1] == "index" || (words[1] == "unique" && words[2] == "index");
        return index && has_word(statement, "concurrently");
    }
    if (words[0] == "reindex") {
        return one_of(words[1], {"database", "system", "schema"}) || has_word(statement, "concurrently");
    }
    if (words[0] == "cluster") return words[1].empty() || words[1] == ";";
    return words[0] == "alter" && words[1] == "table" && has_word(statement, "detach") &&
           has_word(statement, "concurrently");
}

}  // namespace understudy::schema
