#include "compare/analysis/lost_names.hpp"

#include "compare/analysis/statement_facts.hpp"

namespace understudy::compare {
namespace {

/// The cursor or prepared statement that the step's SQL makes.
std::optional<SqlName> made_by_sql(const StepContext& asked, std::uint32_t step) {
    if (asked.kind != StepKind::statement && asked.kind != StepKind::execute) return std::nullopt;
    return name_made(statement_of(&asked, step));
}

/// The statement or portal that the message makes.
std::optional<SqlName> made_by_message(const StepContext& asked) {
    if (asked.kind == StepKind::parse && asked.text) return SqlName{false, asked.text->name};
    if (asked.kind == StepKind::bind && asked.portal) return SqlName{true, asked.portal->name};
    return std::nullopt;
}

bool same(const SqlName& a, const SqlName& b) { return a.portal == b.portal && a.name == b.name; }

}  // namespace

void LostNames::lose(const StepContext* asked, std::uint32_t step, const Root& root) {
    if (asked == nullptr || names_.size() >= kMaxNames) return;
    if (auto made = made_by_message(*asked)) names_.push_back({std::move(*made), root});
    if (auto made = made_by_sql(*asked, step)) names_.push_back({std::move(*made), root});
}

const Root* LostNames::root_of(const StepContext* asked, std::uint32_t step, const StepResult& other) const {
    if (asked == nullptr || names_.empty() || other.outcome != StepOutcome::error || !other.error) return nullptr;
    const BytesView state = other.error->sqlstate();
    const bool statement = state == "26000";
    const bool portal = state == "34000";
    if (!statement && !portal) return nullptr;
    BytesView name;
    if (statement && asked->portal) name = asked->portal->statement_name;
    if (statement && !asked->portal && asked->text) name = asked->text->name;
    if (portal && asked->portal) name = asked->portal->name;
    const auto by_sql = name_needed(statement_of(asked, step));
    for (const Lost& lost : names_) {
        if (lost.what.portal != portal) continue;
        if (lost.what.name == name || (by_sql && lost.what.name == by_sql->name)) return &lost.root;
    }
    return nullptr;
}

void LostNames::on_success(const StepContext* asked, std::uint32_t step) {
    if (asked == nullptr || names_.empty()) return;
    for (const auto& made : {made_by_message(*asked), made_by_sql(*asked, step)}) {
        if (made) std::erase_if(names_, [&](const Lost& lost) { return same(lost.what, *made); });
    }
}

void LostNames::resolve(const std::vector<CellId>& cells) {
    for (Lost& lost : names_) lost.root.resolve(cells);
}

}  // namespace understudy::compare
