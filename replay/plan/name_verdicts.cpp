#include "replay/plan/name_verdicts.hpp"

#include "core/exchange/name_effects.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/split.hpp"

namespace understudy::replay {
namespace {

using pgwire::FrontendTag;
using sql::Token;
using sql::TokenKind;

BytesView query_text(const pgwire::FrameView& frame) { return frame.body.substr(0, frame.body.find('\0')); }

/// How a statement names what another one made: the first word, and the identifier at the place where such
/// statements have it.
struct Naming {
    enum class Kind { none, execute, declare, cursor };
    Kind kind = Kind::none;
    Bytes name;
};

Bytes identifier(const Token& token) {
    return token.kind == TokenKind::quoted_identifier ? Bytes(token.body) : sql::to_lower(token.text);
}

bool is_name(const Token& token) { return token.kind == TokenKind::word || token.kind == TokenKind::quoted_identifier; }

Naming naming_of(BytesView statement) {
    Naming naming;
    for (const Token& token : sql::Tokens(statement)) {
        if (token.kind == TokenKind::comment || token.is(';')) continue;
        if (naming.kind == Naming::Kind::none) {
            if (sql::is_word(token, "execute")) naming.kind = Naming::Kind::execute;
            if (sql::is_word(token, "declare")) naming.kind = Naming::Kind::declare;
            if (sql::is_word(token, "fetch") || sql::is_word(token, "move") || sql::is_word(token, "close")) {
                naming.kind = Naming::Kind::cursor;
            }
            if (naming.kind == Naming::Kind::none) return naming;
            continue;
        }
        if (!is_name(token)) continue;
        naming.name = identifier(token);
        if (naming.kind != Naming::Kind::cursor) return naming;  // of a FETCH the last name is the cursor's
    }
    return naming;
}

}  // namespace

LeftOut NameVerdicts::judge(const pgwire::FrameView& frame, StatementFilter& filter) {
    switch (static_cast<FrontendTag>(frame.tag)) {
        case FrontendTag::query: return judge_query(query_text(frame), filter);
        case FrontendTag::parse: {
            const auto parse = pgwire::view_parse(frame.body);
            if (!parse) return {};
            LeftOut verdict = judge_query(parse->sql, filter);
            if (!verdict.yes()) statements_.erase(Bytes(parse->statement));
            return verdict;
        }
        case FrontendTag::bind: {
            const auto bind = pgwire::view_bind(frame.body);
            if (!bind) return {};
            LeftOut verdict = look_up(statements_, bind->statement);
            if (!verdict.yes()) portals_.erase(Bytes(bind->portal));
            return verdict;
        }
        case FrontendTag::describe:
        case FrontendTag::execute: {
            const auto view = pgwire::view_name(frame);
            if (!view) return {};
            return look_up(view->target == 'S' ? statements_ : portals_, view->name);
        }
        case FrontendTag::function_call: return {"function_call", "left out: a FunctionCall is told by a number only"};
        default: return {};
    }
}

LeftOut NameVerdicts::judge_query(BytesView sql, StatementFilter& filter) {
    if (sql.size() > StatementFilter::kMaxTextBytes) return filter.judge(sql);
    LeftOut first;
    for (const BytesView statement : sql::split_statements(sql)) {
        LeftOut verdict = judge_statement(statement, filter);
        if (verdict.yes() && !first.yes()) first = std::move(verdict);
    }
    return first;
}

LeftOut NameVerdicts::judge_statement(BytesView statement, StatementFilter& filter) {
    for (const NameEffect& effect : name_effects(statement)) {
        if (effect.kind != NameEffect::Kind::define) continue;
        LeftOut verdict = filter.judge(effect.sql);
        if (!verdict.yes()) {
            statements_.erase(effect.name);
            continue;
        }
        keep(statements_, effect.name, verdict);
        return verdict;
    }
    LeftOut verdict = filter.judge(statement);
    const Naming naming = naming_of(statement);
    if (naming.kind == Naming::Kind::declare) {
        if (verdict.yes()) {
            keep(portals_, naming.name, verdict);
        } else {
            portals_.erase(naming.name);
        }
    }
    if (verdict.yes() || naming.kind == Naming::Kind::none || naming.kind == Naming::Kind::declare) return verdict;
    return look_up(naming.kind == Naming::Kind::execute ? statements_ : portals_, naming.name);
}

void NameVerdicts::note_left_out(const pgwire::FrameView& frame, const LeftOut& verdict) {
    switch (static_cast<FrontendTag>(frame.tag)) {
        case FrontendTag::query:
            for (const NameEffect& effect : name_effects(query_text(frame))) {
                if (effect.kind == NameEffect::Kind::define) keep(statements_, effect.name, verdict);
            }
            for (const BytesView statement : sql::split_statements(query_text(frame))) {
                const Naming naming = naming_of(statement);
                if (naming.kind == Naming::Kind::declare) keep(portals_, naming.name, verdict);
            }
            return;
        case FrontendTag::parse:
            if (const auto parse = pgwire::view_parse(frame.body)) keep(statements_, parse->statement, verdict);
            return;
        case FrontendTag::bind:
            if (const auto bind = pgwire::view_bind(frame.body)) keep(portals_, bind->portal, verdict);
            return;
        default: return;
    }
}

void NameVerdicts::enter(SessionState& state, StatementFilter& filter) {
    std::erase_if(state.statements, [&](const PreparedStatement& statement) {
        const LeftOut verdict = judge_query(statement.sql, filter);
        if (verdict.yes()) keep(statements_, statement.name, verdict);
        return verdict.yes();
    });
}

LeftOut NameVerdicts::look_up(const Names& names, BytesView name) {
    if (names.empty()) return {};
    const auto found = names.find(Bytes(name));
    return found == names.end() ? LeftOut{} : found->second;
}

void NameVerdicts::keep(Names& names, BytesView name, const LeftOut& verdict) {
    if (names.size() < kMaxNames) names.insert_or_assign(Bytes(name), verdict);
}

}  // namespace understudy::replay
