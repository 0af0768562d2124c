#include "compare/analysis/observations.hpp"

#include <algorithm>

namespace understudy::compare {

void Observations::add(Observations&& other) {
    tally.add(std::move(other.tally));
    coverage.add(other.coverage);
    activity.add(other.activity);
    control_sqlstates.merge(other.control_sqlstates);
    tolerated.resize(std::max(tolerated.size(), other.tolerated.size()));
    for (std::size_t i = 0; i < other.tolerated.size(); ++i) tolerated[i] += other.tolerated[i];
    unlike_forms += other.unlike_forms;
    // Every part meets the same types.
    unnamed_types = std::max(unnamed_types, other.unnamed_types);
}

}  // namespace understudy::compare
