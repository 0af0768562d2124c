#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"

namespace understudy::app {

/// How a program is told of a database: every user of the machine can read its command line, and only we its
/// environment.
struct TargetForChild {
    std::string conninfo;  ///< without the password
    /// PGPASSWORD where the connection string has a password; DATABASE_URL, with it; UNDERSTUDY_TARGET, without.
    std::vector<std::pair<std::string, std::string>> environment;
};
/// Errors: Errc::usage for a connection string that does not parse.
Result<TargetForChild> target_for_child(const std::string& conninfo);

}  // namespace understudy::app
