#pragma once

#include <nlohmann/json.hpp>

#include "compare/latency/latency_report.hpp"

namespace understudy::compare {

/// The report's `latency` (docs/report.md).
nlohmann::ordered_json latency_json(const LatencyReport& report);

}  // namespace understudy::compare
