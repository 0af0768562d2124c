#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "compare/history/nights.hpp"
#include "compare/history/trends.hpp"

namespace understudy::compare {

// The same for programs; docs/history.md has the fields.

nlohmann::ordered_json summary_json(const RunSummary& run);
nlohmann::ordered_json nights_json(const NightsComparison& comparison);
nlohmann::ordered_json trend_json(const Trend& trend);
nlohmann::ordered_json series_json(const std::vector<LatencyPoint>& series, const std::optional<Trend>& trend);

}  // namespace understudy::compare
