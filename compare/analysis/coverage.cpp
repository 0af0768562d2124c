#include "compare/analysis/coverage.hpp"

namespace understudy::compare {

void Coverage::add(const Coverage& other) {
    exchanges += other.exchanges;
    exchanges_compared += other.exchanges_compared;
    steps += other.steps;
    compared += other.compared;
    differing += other.differing;
    folded += other.folded;
    extra_steps += other.extra_steps;
    with_data += other.with_data;
    ambiguous += other.ambiguous;
    tainted += other.tainted;
    excused += other.excused;
    control_compared += other.control_compared;
    confirmation_compared += other.confirmation_compared;
    for (const auto& [reason, count] : other.not_compared) leave_out(reason, count);
}

}  // namespace understudy::compare
