#pragma once

#include "app/capture/capture_options.hpp"

namespace understudy::app {

/// Relays connections and captures them, until the end that was asked for. Returns the exit code.
Result<int> capture_proxy(const CaptureOptions& options);

}  // namespace understudy::app
