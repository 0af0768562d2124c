#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "core/base/error.hpp"

namespace understudy::app {

/// Sets the options of `command` that the command line left out from the section `rehearse` of understudy.yaml: each
/// key is the long name of an option ("max-stall: 2s"), `capture` the capture; lists give an option several times.
/// Where the file is not there: nothing, unless `must_exist`. Errors: Errc::io; Errc::malformed and Errc::usage with
/// the line.
Result<void> apply_config(CLI::App& command, const std::string& path, bool must_exist);

/// One key of that section as it is written; empty where there is no such file, section or key. Errors: as apply_config().
Result<std::string> config_value(const std::string& path, const std::string& key);

/// What `understudy init` writes: every key with a comment, those that must be filled in first.
std::string config_template();

}  // namespace understudy::app
