#include "schema/check/check_plan.hpp"

#include <algorithm>
#include <tuple>

#include "schema/check/checkable.hpp"
#include "schema/check/temp_tables.hpp"

namespace understudy::schema {

CheckPlan make_plan(const RecordedStatements& recorded) {
    CheckPlan plan;
    for (std::size_t i = 0; i < recorded.statements.size(); ++i) {
        const Bytes& sql = recorded.statements[i].sql;
        if (sql.find('\0') != Bytes::npos) {  // a damaged file: no message can carry it
            ++plan.cannot["unreadable"];
            continue;
        }
        if (auto creation = temp_creation(sql); creation && !creation->from_query) {
            plan.items.push_back({i, std::move(creation->sql), false, CheckPlan::Ask::create});
            continue;
        }
        Checkable judged = judge_statement(sql);
        switch (judged.checkability) {
            case Checkability::check: {
                const bool own = judged.sql == sql;
                plan.items.push_back({i, std::move(judged.sql), own, CheckPlan::Ask::plan});
                break;
            }
            case Checkability::nothing: ++plan.nothing[judged.reason]; break;
            case Checkability::cannot: ++plan.cannot[judged.reason]; break;
        }
    }
    const auto before = [&](const CheckPlan::Item& a, const CheckPlan::Item& b) {
        const RecordedStatement& one = recorded.statements[a.statement];
        const RecordedStatement& other = recorded.statements[b.statement];
        const bool one_creates = a.ask == CheckPlan::Ask::create;
        const bool other_creates = b.ask == CheckPlan::Ask::create;
        return std::tie(one.user, one.search_path, one.temps, one_creates) <
               std::tie(other.user, other.search_path, other.temps, other_creates);
    };
    std::stable_sort(plan.items.begin(), plan.items.end(), before);
    const auto add = [&](std::string_view reason, std::uint64_t count) {
        if (count > 0) plan.cannot[reason] += count;
    };
    add("statement_unknown", recorded.unknown_statements);
    add("function_call", recorded.called_functions);
    add("beyond_limit", recorded.beyond_limit);
    return plan;
}

}  // namespace understudy::schema
