#pragma once

#include <nlohmann/json.hpp>

#include "core/sql/access.hpp"

namespace understudy::sql {

/// What a TransactionStmt, VariableSetStmt or DiscardStmt of parse_tree_with_places() does to the transaction. `body`
/// is the statement's.
void transaction_access(BytesView sql, const std::string& type, const nlohmann::json& body, StatementAccess& out);

}  // namespace understudy::sql
