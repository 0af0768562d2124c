#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "replay/run/target_check.hpp"
#include "replay/run/target_login.hpp"

namespace understudy::app {

/// Where and as whom a replay connects, as the command line says it.
struct TargetOptionTexts {
    std::string target;
    std::string credentials;
    std::vector<std::string> user_map;
    std::vector<std::string> database_map;
    bool impersonate = false;
};

void add_target_options(CLI::App& command, TargetOptionTexts& texts);

/// Looks the target up and reads its certificates and password files; warnings go to standard error. Errors:
/// Errc::usage, Errc::io, Errc::unsupported.
Result<replay::TargetOptions> target_options(const TargetOptionTexts& texts);

/// The connection string of control connections: to where the recorded traffic will go.
std::string control_conninfo(const TargetOptionTexts& texts, const replay::TargetOptions& target);

/// Checks the target before anything is written: is it there, may it be replayed into; and reads its roles where they
/// are to be impersonated.
net::asio::awaitable<Result<void>> check_target(replay::TargetOptions& target, std::string database, bool impersonate,
                                                replay::TargetCheck& check);

/// What a replay's description says of its connections; empty when they are the recorded roles' own.
std::string describe_roles(const replay::TargetOptions& target);

}  // namespace understudy::app
