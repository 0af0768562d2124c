#include "compare/analysis/observed.hpp"

#include <algorithm>

namespace understudy::compare {

std::string_view to_string(Side side) {
    switch (side) {
        case Side::baseline: return "baseline";
        case Side::candidate: return "candidate";
        case Side::control: return "control";
        case Side::confirmation: return "confirmation";
    }
    return "unknown";
}

std::size_t ObservedExchange::bytes() const {
    std::size_t total = sizeof(ObservedExchange) + contexts.size() * sizeof(StepContext);
    for (const StepContext& context : contexts) {
        // Texts of prepared statements are shared by many; counting them each time errs on the safe side.
        if (context.text) total += context.text->sql.size();
        if (context.portal && context.kind == StepKind::bind) total += context.portal->bind_body.size();
    }
    for (const ObservedStep& step : steps) {
        const StepResult& result = step.result;
        total += sizeof(ObservedStep) + result.row_description.size() + result.parameter_description.size() +
                 result.command_tag.size() + 8 * (result.digest.cells.size() + result.digest.columns.size());
        if (result.normalised) total += 8 * (result.normalised->cells.size() + result.normalised->columns.size());
        for (const Bytes& row : result.kept_rows) total += sizeof(Bytes) + row.size();
        if (result.error) {
            for (const auto& field : result.error->fields) total += sizeof(field) + field.second.size();
        }
        total += result.notices.size() * 256;
    }
    return total;
}

const StepContext* context_of(const ObservedExchange& exchange, std::uint32_t step, StepKind kind) {
    const auto after =
        std::upper_bound(exchange.contexts.begin(), exchange.contexts.end(), step,
                         [](std::uint32_t index, const StepContext& context) { return index < context.step; });
    if (after == exchange.contexts.begin()) return nullptr;
    const StepContext& context = *std::prev(after);
    if (context.kind != kind) return nullptr;
    return context.step == step || kind == StepKind::statement ? &context : nullptr;
}

}  // namespace understudy::compare
