#include "replay/plan/statement_filter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/sql/fingerprint.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/session_statement.hpp"
#include "core/sql/statement_traits.hpp"
#include "replay/plan/read_only.hpp"

namespace understudy::replay {
namespace {

/// The names of the settings that --read-only itself decides.
bool is_about_read_only(BytesView statement) {
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (token.kind == sql::TokenKind::comment) continue;
        const BytesView text = token.body.empty() ? token.text : token.body;
        if (!text.ends_with("ransaction_read_only") && !text.ends_with("RANSACTION_READ_ONLY")) continue;
        const Bytes name = sql::to_lower(text);
        if (name == "transaction_read_only" || name == "default_transaction_read_only") return true;
    }
    return false;
}

bool touches(const sql::StatementTraits& traits, const std::vector<TableName>& tables) {
    return std::any_of(traits.relations.begin(), traits.relations.end(), [&](const sql::RelationUse& use) {
        return std::any_of(tables.begin(), tables.end(), [&](const TableName& table) {
            const bool schema_fits = table.schema.empty() || use.schema.empty() || table.schema == use.schema;
            return schema_fits && table.name == use.name;
        });
    });
}

}  // namespace

Result<TableName> TableName::parse(const std::string& text) {
    std::vector<Bytes> names;
    bool name_next = true;
    bool good = !text.empty();
    for (const sql::Token& token : sql::Tokens(BytesView(text))) {
        const bool quoted = token.kind == sql::TokenKind::quoted_identifier;
        if (name_next && (quoted || token.kind == sql::TokenKind::word)) {
            names.push_back(quoted ? Bytes(token.body) : sql::to_lower(token.text));
        } else if (name_next || !token.is('.')) {
            good = false;
        }
        name_next = !name_next;
    }
    if (!good || name_next || names.empty() || names.size() > 2) {
        return make_error(Errc::usage, fmt::format("'{}' is not a table; write item or billing.item", text));
    }
    TableName table;
    table.name = names.back();
    if (names.size() == 2) table.schema = names.front();
    return table;
}

LeftOut StatementFilter::judge(BytesView statement) {
    if (!choice_.any()) return {};
    if (statement.size() > kMaxTextBytes) return {"too_long", "left out: a statement too long to be judged"};
    Bytes text(statement);
    if (const auto found = cache_.find(text); found != cache_.end()) return found->second;
    LeftOut verdict = judge_anew(text);
    if (cache_.size() >= kMaxCachedTexts || cached_bytes_ + text.size() > kMaxCachedBytes) {
        cache_.clear();
        cached_bytes_ = 0;
    }
    cached_bytes_ += text.size();
    cache_.emplace(std::move(text), verdict);
    return verdict;
}

LeftOut StatementFilter::judge_anew(BytesView statement) const {
    const sql::StatementTraits traits = sql::traits(statement);
    const bool may_be_session =
        traits.kind == sql::StatementKind::set || traits.kind == sql::StatementKind::utility_other;
    const bool session_only = may_be_session && sql::changes_session_only(statement);
    if (choice_.read_only) {
        std::string why = why_not_read_only(traits, session_only, choice_.functions);
        if (why.empty() && traits.kind != sql::StatementKind::transaction && is_about_read_only(statement)) {
            why = "not read-only: it is about the setting that --read-only makes";
        }
        if (!why.empty()) return {"read_only", "left out: " + why};
    }
    if (traits.kind == sql::StatementKind::transaction || session_only) return {};
    if (traits.parsed && traits.kind == sql::StatementKind::unknown) return {};  // nothing but a comment
    const auto& wanted = choice_.fingerprints;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), sql::fingerprint(statement).value) == wanted.end()) {
        return {"fingerprint", "left out: not of a fingerprint asked for"};
    }
    if (!choice_.tables.empty() && !touches(traits, choice_.tables)) {
        return {"table", "left out: names no table asked for"};
    }
    return {};
}

}  // namespace understudy::replay
