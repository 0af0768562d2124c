#pragma once

#include "app/capture/capture_options.hpp"

namespace understudy::app {

/// Captures packets, of interfaces or of a file, until the end that was asked for. Returns the exit code.
Result<int> capture_packets(CaptureOptions options);

}  // namespace understudy::app
