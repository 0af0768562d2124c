#include "core/sql/access_transaction.hpp"

#include <array>
#include <utility>

#include "core/sql/lexer.hpp"
#include "core/sql/literal_value.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<BytesView, TransactionAct>, 10> kActs = {{
    {"TRANS_STMT_BEGIN", TransactionAct::begin},
    {"TRANS_STMT_START", TransactionAct::begin},
    {"TRANS_STMT_COMMIT", TransactionAct::commit},
    {"TRANS_STMT_COMMIT_PREPARED", TransactionAct::commit},
    {"TRANS_STMT_ROLLBACK", TransactionAct::rollback},
    {"TRANS_STMT_ROLLBACK_PREPARED", TransactionAct::rollback},
    {"TRANS_STMT_SAVEPOINT", TransactionAct::savepoint},
    {"TRANS_STMT_RELEASE", TransactionAct::release},
    {"TRANS_STMT_ROLLBACK_TO", TransactionAct::rollback_to},
    {"TRANS_STMT_PREPARE", TransactionAct::prepare},
}};

/// The level that stands at the constant's place: in words, or as a string.
Isolation level_at(BytesView sql, const Json& wrapper) {
    const Json* constant = body_of(wrapper, "A_Const");
    if (constant == nullptr || location_of(*constant) >= sql.size()) return Isolation::unsaid;
    const Token token = next_token(sql, location_of(*constant));
    Bytes text = to_lower(token.kind == TokenKind::word ? Bytes(token.text) : literal_value(token));
    if (token.kind == TokenKind::word && (text == "read" || text == "repeatable")) {
        Token second = next_token(sql, token.end());
        while (second.kind == TokenKind::comment) second = next_token(sql, second.end());
        text += " " + to_lower(second.text);
    }
    if (text == "serializable") return Isolation::serializable;
    if (text == "repeatable read") return Isolation::repeatable_read;
    if (text == "read committed" || text == "read uncommitted") return Isolation::read_committed;
    return Isolation::unsaid;
}

/// Of transaction modes, the isolation.
Isolation level_of(BytesView sql, const Json& modes) {
    Isolation level = Isolation::unsaid;
    for (const Json& wrapper : modes) {
        const Json* mode = body_of(wrapper, "DefElem");
        if (mode == nullptr || text_member(*mode, "defname") != "transaction_isolation") continue;
        level = level_at(sql, member(*mode, "arg"));
    }
    return level;
}

void set_variable(BytesView sql, const Json& body, StatementAccess& out) {
    const Bytes kind = text_member(body, "kind");
    const Bytes name = to_lower(text_member(body, "name"));
    const Json& values = member(body, "args");
    if (kind == "VAR_SET_MULTI") {
        out.isolation = level_of(sql, values);
        if (out.isolation == Isolation::unsaid) return;
        out.transaction = TransactionAct::set_isolation;
        out.session_isolation = name == "session characteristics";
        return;
    }
    if (kind == "VAR_SET_VALUE" && values.size() == 1 && name == "transaction_isolation") {
        out.transaction = TransactionAct::set_isolation;
        out.isolation = level_at(sql, values[0]);
        return;
    }
    // SET LOCAL … ends with the transaction, whose own level it does not change.
    if (kind != "VAR_RESET_ALL" && (name != "default_transaction_isolation" || body.contains("is_local"))) return;
    out.transaction = TransactionAct::set_isolation;
    out.session_isolation = true;
    if (kind == "VAR_SET_VALUE" && values.size() == 1) out.isolation = level_at(sql, values[0]);
}

}  // namespace

void transaction_access(BytesView sql, const std::string& type, const Json& body, StatementAccess& out) {
    if (type == "VariableSetStmt") return set_variable(sql, body, out);
    if (type == "DiscardStmt") {
        if (text_member(body, "target") != "DISCARD_ALL") return;
        out.transaction = TransactionAct::set_isolation;
        out.session_isolation = true;
        return;
    }
    const Bytes kind = text_member(body, "kind");
    for (const auto& [name, act] : kActs) {
        if (name == kind) out.transaction = act;
    }
    out.and_chain = body.contains("chain");
    out.isolation = level_of(sql, member(body, "options"));
}

}  // namespace understudy::sql
