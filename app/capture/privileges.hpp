#pragma once

#include <string>

#include "core/base/error.hpp"

namespace understudy::app {

/// Becomes this user for good: its groups, no capability, no way back. For a program started as root, once the
/// interface is open. Errors: Errc::usage for a user that is not there or when not started as root; Errc::io.
Result<void> become_user(const std::string& name);

}  // namespace understudy::app
