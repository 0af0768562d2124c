#include "capture/redact/statement_rewriter.hpp"

#include <algorithm>

#include "core/sql/lexer.hpp"
#include "core/sql/literal_text.hpp"
#include "core/sql/literal_value.hpp"

namespace understudy::capture {
namespace {

using sql::Token;
using sql::TokenKind;

struct Edit {
    std::size_t offset = 0;
    std::size_t length = 0;
    Bytes text;
};

Bytes apply(BytesView sql, std::vector<Edit>& edits) {
    std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
    Bytes out;
    std::size_t copied = 0;
    for (const Edit& edit : edits) {
        if (edit.offset < copied) continue;
        out.append(sql.substr(copied, edit.offset - copied)).append(edit.text);
        copied = edit.offset + edit.length;
    }
    return out.append(sql.substr(copied));
}

/// The token of a constant, as a constant of the same kind.
Bytes constant_token(const Token& token, const RedactionTokens& tokens, bool negative) {
    switch (token.kind) {
        case TokenKind::integer:
        case TokenKind::numeric: return tokens.number(negative ? "-" + Bytes(token.text) : Bytes(token.text));
        case TokenKind::bit_string: {
            const bool hexadecimal = token.text[0] == 'x' || token.text[0] == 'X';
            return Bytes(token.text.substr(0, 1)) + "'" + tokens.bits(token.body, hexadecimal) + "'";
        }
        default: return sql::quote_literal(tokens.text(sql::literal_value(token)));
    }
}

/// The literal at a place, with its sign.
Bytes place_token(BytesView sql, const sql::ValuePlace& place, const RedactionTokens& tokens) {
    bool negative = false;
    Token token = sql::next_token(sql, place.offset);
    while (token.kind == TokenKind::comment || token.is('-') || token.is('+')) {
        if (token.is('-')) negative = !negative;
        token = sql::next_token(sql, token.end());
    }
    const Bytes text = constant_token(token, tokens, negative);
    // `a -5` and `a::int-5` stay what they were.
    return negative ? " " + text : text;
}

/// Edits for all literals of a text that no parser explains; of code in dollar quotes, for those inside it.
void hide_all(BytesView sql, std::size_t base, bool numbers, const RedactionTokens& tokens, int depth,
              std::vector<Edit>& edits) {
    constexpr int kMaxDepth = 8;
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind == TokenKind::comment) {
            edits.push_back({base + token.offset, token.text.size(), " "});
        } else if (token.kind == TokenKind::dollar_string && !numbers && depth < kMaxDepth) {
            const auto begin = static_cast<std::size_t>(token.body.data() - sql.data());
            hide_all(token.body, base + begin, numbers, tokens, depth + 1, edits);
        } else if (sql::is_constant(token.kind)) {
            const bool number = token.kind == TokenKind::integer || token.kind == TokenKind::numeric;
            if (number && !numbers) continue;
            edits.push_back({base + token.offset, token.text.size(), constant_token(token, tokens, false)});
        }
    }
}

/// Comments may quote values; those that name rules do not stay.
void hide_comments(BytesView sql, const RedactionRules& rules, std::vector<Edit>& edits) {
    if (sql.find("--") == BytesView::npos && sql.find("/*") == BytesView::npos) return;
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind == TokenKind::comment && rules.may_concern(token.text)) {
            edits.push_back({token.offset, token.text.size(), " "});
        }
    }
}

void remember(std::unordered_map<Bytes, PlanPointer>& names, const Bytes& name, const PlanPointer& plan) {
    if (name.empty()) return;
    names.erase(name);
    if (names.size() < SqlNames::kMaxNames) names.emplace(name, plan);
}

/// One statement: its edits and what is to be remembered.
class StatementRewrite {
public:
    StatementRewrite(BytesView sql, const Redaction& redaction, SqlNames& names, std::vector<Edit>& edits)
        : sql_(sql), redaction_(redaction), names_(names), edits_(edits) {}

    PlanPointer run(const sql::StatementPlaces& statement) {
        auto plan = std::make_shared<StatementPlan>();
        const BytesView text = sql_.substr(statement.begin, statement.end - statement.begin);
        if (statement.opaque && redaction_.rules().may_concern(text)) {
            redaction_.count("redact.opaque_statements");
            hide_all(text, statement.begin, false, redaction_.tokens(), 0, edits_);
        }
        const StatementPlan* executed = execution(statement, *plan);
        for (const sql::ValuePlace& place : statement.places) {
            const bool hidden = place.argument != 0
                                    ? executed == nullptr || executed->hides_parameter(place.argument - 1)
                                    : redaction_.hides(place.columns);
            if (hidden) hide(place, *plan);
        }
        for (const sql::OutputUse& output : statement.outputs) {
            plan->outputs.emplace_back(output.name, redaction_.hides(output.columns));
        }
        if (statement.explains && redaction_.rules().may_concern(text)) plan->outputs = {{Bytes(), true}};
        plan->all_outputs = plan->all_outputs || statement.all_outputs;
        if (statement.copy) plan->copy = plan_copy(*statement.copy, redaction_);
        remember(names_.prepared, statement.prepares, plan);
        remember(names_.cursors, statement.declares, plan);
        return plan;
    }

private:
    void hide(const sql::ValuePlace& place, StatementPlan& plan) {
        if (place.parameter == 0) {
            edits_.push_back({place.offset, place.length, place_token(sql_, place, redaction_.tokens())});
            redaction_.count("redact.literals");
            return;
        }
        constexpr std::size_t kMaxParameters = 65'535;
        if (place.parameter > kMaxParameters) return;
        if (plan.parameters.size() < place.parameter) plan.parameters.resize(place.parameter, false);
        plan.parameters[place.parameter - 1] = true;
    }

    /// EXECUTE and FETCH: what they run; its outputs are theirs.
    const StatementPlan* execution(const sql::StatementPlaces& statement, StatementPlan& plan) {
        const bool executes = !statement.executes.empty();
        if (!executes && statement.fetches.empty()) return nullptr;
        const auto& names = executes ? names_.prepared : names_.cursors;
        const auto found = names.find(executes ? statement.executes : statement.fetches);
        if (found == names.end()) {
            if (executes) redaction_.count("redact.unknown_statements");
            plan.outputs.emplace_back(Bytes(), true);
            plan.all_outputs = true;
            return nullptr;
        }
        plan.outputs = found->second->outputs;
        plan.all_outputs = found->second->all_outputs;
        plan.unparsed = found->second->unparsed;
        return found->second.get();
    }

    BytesView sql_;
    const Redaction& redaction_;
    SqlNames& names_;
    std::vector<Edit>& edits_;
};

}  // namespace

RewrittenSql rewrite_sql(BytesView text, bool explicit_escapes, const Redaction& redaction, SqlNames& names) {
    RewrittenSql rewritten;
    const bool named = redaction.rules().may_concern(text);
    rewritten.sql = text;
    if (!named && !redaction.rules().may_take_rows(text)) return rewritten;
    const bool escapes = explicit_escapes && text.find('\\') != BytesView::npos;
    const Bytes converted = escapes ? sql::with_explicit_escapes(text) : Bytes();
    const BytesView sql = escapes ? BytesView(converted) : text;
    std::vector<Edit> edits;
    const auto statements = sql::value_places(sql);
    if (!statements && !named) return rewritten;
    if (!statements) {
        redaction.count("redact.unparsed_statements");
        hide_all(sql, 0, true, redaction.tokens(), 0, edits);
        auto plan = std::make_shared<StatementPlan>();
        plan->unparsed = true;
        plan->all_outputs = true;
        rewritten.plans.push_back(std::move(plan));
    } else {
        for (const sql::StatementPlaces& statement : *statements) {
            rewritten.plans.push_back(StatementRewrite(sql, redaction, names, edits).run(statement));
        }
        hide_comments(sql, redaction.rules(), edits);
    }
    rewritten.sql = apply(sql, edits);
    return rewritten;
}

}  // namespace understudy::capture
