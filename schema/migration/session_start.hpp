#pragma once

#include <string>
#include <vector>

#include "core/net/conninfo.hpp"
#include "core/pgwire/startup.hpp"
#include "schema/migration/runner.hpp"

namespace understudy::schema {

/// The start-up message of a session of the runner's.
pgwire::StartupMessage runner_startup(const net::ConnectionInfo& info, const RunnerSettings& settings);

/// The settings as statements, in the order in which they are said.
std::vector<std::string> setting_statements(const SessionSettings& settings);

}  // namespace understudy::schema
