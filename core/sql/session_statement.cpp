#include "core/sql/session_statement.hpp"

#include <algorithm>
#include <array>

#include "core/sql/parse_tree.hpp"

namespace understudy::sql {
namespace {

constexpr std::array<BytesView, 11> kSessionOnly{
    "VariableSetStmt", "VariableShowStmt", "PrepareStmt", "ExecuteStmt",  "DeallocateStmt",    "FetchStmt",
    "ClosePortalStmt", "DiscardStmt",      "ListenStmt",  "UnlistenStmt", "ConstraintsSetStmt"};

}  // namespace

bool changes_session_only(BytesView statement) {
    const auto tree = parse_tree(statement);
    if (!tree) return false;
    const auto statements = tree->find("stmts");
    if (statements == tree->end() || statements->empty()) return false;
    return std::all_of(statements->begin(), statements->end(), [](const nlohmann::json& raw) {
        const auto wrapper = raw.find("stmt");
        if (wrapper == raw.end() || !wrapper->is_object() || wrapper->empty()) return false;
        return std::find(kSessionOnly.begin(), kSessionOnly.end(), BytesView(wrapper->begin().key())) !=
               kSessionOnly.end();
    });
}

}  // namespace understudy::sql
