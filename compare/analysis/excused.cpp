#include "compare/analysis/excused.hpp"

namespace understudy::compare {

bool is_excused(const StepDifference& difference) {
    const std::uint32_t marks = (difference.baseline != nullptr ? difference.baseline->marks : 0U) |
                                (difference.other != nullptr ? difference.other->marks : 0U);
    // Rows in the order of a generated column come in another one where other values were generated.
    const bool mapped = (difference.baseline != nullptr && difference.baseline->normalised) ||
                        (difference.other != nullptr && difference.other->normalised);
    if (mapped && difference.divergence.kind == DivergenceKind::order) return true;
    if (marks == 0) return false;
    if (!is_error(difference.divergence.kind)) return is_soft(difference.divergence.kind);
    // Duplicate keys, missing parents, serialisation failures, locks: what another session's timing brings about.
    const BytesView state = difference.divergence.sqlstate;
    return state == "23505" || state == "23503" || state.starts_with("40") || state == "55P03";
}

}  // namespace understudy::compare
