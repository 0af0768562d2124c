#pragma once

#include "app/capture/capture_options.hpp"

namespace understudy::app {

/// Imports the server's logs as a capture. Returns the exit code.
Result<int> capture_logs(const CaptureOptions& options);

}  // namespace understudy::app
