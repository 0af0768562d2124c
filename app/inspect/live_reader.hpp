#pragma once

#include <functional>
#include <string>

#include "core/base/error.hpp"
#include "core/model/event.hpp"
#include "core/store/sealing.hpp"

namespace understudy::app::inspect {

/// Reads a capture that is being written, as `tail -f` reads a log: to what is there, and on as chunks come. Ends with
/// the file's trailer, and when a stop is requested (app/options.hpp). Of a directory the last file is read, then the
/// files that follow it; it ends when none came for kGrace after one was finished. `pause` is called before each wait.
/// Errors: of the medium; damage is passed over as by every reader.
Result<void> follow_capture(const std::string& path, const store::KeyRing& keys,
                            const std::function<void(const Event&)>& handle, const std::function<void()>& pause);

}  // namespace understudy::app::inspect
