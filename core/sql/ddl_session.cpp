#include "core/sql/ddl_parts.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

void transaction(const Json& body, DdlActions& out) {
    const Bytes kind = text_member(body, "kind");
    DdlAction& action = out.emplace_back();
    if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") {
        action.kind = DdlKind::begin;
    } else if (kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_PREPARE") {
        action.kind = DdlKind::commit;
    } else if (kind == "TRANS_STMT_ROLLBACK") {
        action.kind = DdlKind::rollback;
    } else if (kind == "TRANS_STMT_COMMIT_PREPARED" || kind == "TRANS_STMT_ROLLBACK_PREPARED") {
        action.kind = DdlKind::outside_transaction;
    } else {
        action.kind = DdlKind::savepoint;
    }
}

void set_variable(const Json& body, DdlActions& out) {
    DdlAction& action = out.emplace_back();
    const Bytes kind = text_member(body, "kind");
    if (kind != "VAR_SET_VALUE" && kind != "VAR_SET_DEFAULT" && kind != "VAR_RESET" && kind != "VAR_RESET_ALL") return;
    action.kind = DdlKind::set_variable;
    action.name = kind == "VAR_RESET_ALL" ? Bytes("all") : to_lower(text_member(body, "name"));
    action.local = has_flag(body, "is_local");
    if (kind != "VAR_SET_VALUE") return;
    for (const Json& value : member(body, "args")) {
        action.new_name += (action.new_name.empty() ? "" : ",") + value_text(value);
    }
}

void lock_table(const Json& body, DdlActions& out) {
    const Json& mode = member(body, "mode");
    for (const Json& wrapper : member(body, "relations")) {
        const Json* relation = body_of(wrapper, "RangeVar");
        if (relation == nullptr) continue;
        DdlAction& action = out.emplace_back();
        action.kind = DdlKind::lock_table;
        action.relation = relation_name(*relation);
        action.only = !has_flag(*relation, "inh");
        const auto number = mode.is_number_unsigned() ? mode.get<std::uint64_t>() : 0;
        if (number <= static_cast<std::uint64_t>(TableLock::access_exclusive)) {
            action.lock = static_cast<TableLock>(number);
        }
    }
}

}  // namespace

bool session_actions(BytesView type, const Json& body, DdlActions& out) {
    if (type == "TransactionStmt") {
        transaction(body, out);
    } else if (type == "VariableSetStmt") {
        set_variable(body, out);
    } else if (type == "LockStmt") {
        lock_table(body, out);
    } else if (type == "TruncateStmt") {
        for (const Json& wrapper : member(body, "relations")) {
            const Json* relation = body_of(wrapper, "RangeVar");
            if (relation == nullptr) continue;
            DdlAction& action = out.emplace_back();
            action.kind = DdlKind::truncate;
            action.relation = relation_name(*relation);
            action.only = !has_flag(*relation, "inh");
            action.cascade = text_member(body, "behavior") == "DROP_CASCADE";
        }
    } else if (type == "UpdateStmt" || type == "DeleteStmt") {
        DdlAction& action = out.emplace_back();
        action.kind = DdlKind::query;
        action.relation = relation_name(member(body, "relation"));
        action.name = type == "UpdateStmt" ? "update" : "delete";
        action.every_row = member(body, "whereClause").is_null() && member(body, "fromClause").empty() &&
                           member(body, "usingClause").empty();
    } else {
        return false;
    }
    return true;
}

}  // namespace understudy::sql
