#pragma once

#include <CLI/CLI.hpp>

namespace understudy::app {

// As the commands of app/command.hpp: each adds one subcommand, which sets `exit_code` when it is called.
void add_history_command(CLI::App& app, int& exit_code);
void add_diff_command(CLI::App& app, int& exit_code);

}  // namespace understudy::app
