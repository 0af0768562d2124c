#include "compare/analysis/statement_facts.hpp"

#include "core/sql/split.hpp"

namespace understudy::compare {

Bytes statement_of(const StepContext* context, std::uint32_t step) {
    if (context == nullptr || !context->text) return {};
    const Bytes& sql = context->text->sql;
    if (context->kind != StepKind::statement) return sql;
    const auto statements = sql::split_statements(sql);
    const std::size_t index = step - context->step;
    return index < statements.size() ? Bytes(statements[index]) : sql;
}

const StatementFacts& FactsCache::of(const StepContext* context, std::uint32_t step) {
    Bytes text = statement_of(context, step);
    const auto found = facts_.find(text);
    if (found != facts_.end()) return found->second;
    if (facts_.size() >= kMaxTexts || bytes_ + text.size() > kMaxBytes) {
        facts_.clear();
        bytes_ = 0;
    }
    bytes_ += text.size();
    StatementFacts facts;
    facts.sql = text;
    if (!text.empty()) {
        facts.fingerprint = sql::fingerprint(text);
        facts.traits = sql::traits(text);
    }
    return facts_.emplace(std::move(text), std::move(facts)).first->second;
}

StatementOrder FactsCache::order_of(const StepContext* context, std::uint32_t step) {
    const StatementFacts& facts = of(context, step);
    if (!facts.traits.ordered) return {};
    return {true, sql::order_columns(facts.sql)};
}

}  // namespace understudy::compare
