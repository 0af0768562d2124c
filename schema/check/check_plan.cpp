#include "schema/check/check_plan.hpp"

#include <algorithm>
#include <tuple>

#include "schema/check/checkable.hpp"

namespace understudy::schema {

CheckPlan make_plan(const RecordedStatements& recorded) {
    CheckPlan plan;
    for (std::size_t i = 0; i < recorded.statements.size(); ++i) {
        const Bytes& sql = recorded.statements[i].sql;
        if (sql.find('\0') != Bytes::npos) {  // a damaged file: no message can carry it
            ++plan.cannot["unreadable"];
            continue;
        }
        Checkable judged = judge_statement(sql);
        switch (judged.checkability) {
            case Checkability::check: {
                const bool own = judged.sql == sql;
                plan.items.push_back({i, std::move(judged.sql), own});
                break;
            }
            case Checkability::nothing: ++plan.nothing[judged.reason]; break;
            case Checkability::cannot: ++plan.cannot[judged.reason]; break;
        }
    }
    const auto group = [&](const CheckPlan::Item& item) {
        const RecordedStatement& statement = recorded.statements[item.statement];
        return std::tie(statement.user, statement.search_path);
    };
    std::stable_sort(plan.items.begin(), plan.items.end(),
                     [&](const auto& a, const auto& b) { return group(a) < group(b); });
    const auto add = [&](std::string_view reason, std::uint64_t count) {
        if (count > 0) plan.cannot[reason] += count;
    };
    add("statement_unknown", recorded.unknown_statements);
    add("function_call", recorded.called_functions);
    add("beyond_limit", recorded.beyond_limit);
    return plan;
}

}  // namespace understudy::schema
