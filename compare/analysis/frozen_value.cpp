#include "compare/analysis/frozen_value.hpp"

#include <optional>

#include "core/pgwire/backend_messages.hpp"

namespace understudy::compare {
namespace {

void keep(std::set<std::uint64_t>& values, std::uint64_t value) {
    if (values.size() < FrozenValue::kMax) values.insert(value);
}

/// The only column of that name.
std::optional<std::size_t> column_named(const StepResult& result, BytesView name) {
    const auto description = pgwire::decode_row_description(result.row_description);
    if (!description) return std::nullopt;
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < description->columns.size(); ++i) {
        if (description->columns[i].name != name) continue;
        if (found) return std::nullopt;
        found = i;
    }
    return found;
}

void keep_cells(const StepResult& result, BytesView column, std::set<std::uint64_t>& values) {
    const auto index = column_named(result, column);
    const ResultDigest& digest = result.comparable();
    const std::size_t width = digest.columns.size();
    if (!index || *index >= width || digest.cells.size() != result.rows * width) return;
    for (std::size_t at = *index; at < digest.cells.size(); at += width) keep(values, digest.cells[at]);
}

}  // namespace

void FrozenValue::add(const StepDifference& difference) {
    constexpr BytesView kColumn = "column ";
    const Divergence& divergence = difference.divergence;
    if (divergence.kind != DivergenceKind::value || !divergence.place.starts_with(kColumn)) return;
    if (difference.baseline == nullptr || difference.other == nullptr) return;
    const BytesView column = BytesView(divergence.place).substr(kColumn.size());
    keep_cells(*difference.baseline, column, baseline);
    keep_cells(*difference.other, column, candidate);
}

void FrozenValue::add(const FrozenValue& other) {
    for (const std::uint64_t value : other.baseline) keep(baseline, value);
    for (const std::uint64_t value : other.candidate) keep(candidate, value);
}

}  // namespace understudy::compare
