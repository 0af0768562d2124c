#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/service/run_record.hpp"

namespace understudy::app::service {

/// A run as the API and viewers see it (schema Run of openapi.json): without its process and its target.
nlohmann::json run_view(const RunRecord& run);

}  // namespace understudy::app::service
