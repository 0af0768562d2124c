#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "core/base/error.hpp"

namespace understudy::app {

/// What the program's exit means, the same for every command.
enum ExitCode : int {
    kPassed = 0,        ///< done; nothing found
    kDiverged = 1,      ///< a divergence was found
    kUsage = 2,         ///< the call is wrong
    kInconclusive = 3,  ///< a verdict would mislead
    kEnvironment = 4,   ///< unreachable target, unreadable file, refused by a safety rule …
};

/// The exit code for a failure.
int exit_code_for(const Error& error);
/// Prints "understudy: MESSAGE" to standard error and returns the exit code.
int fail(const Error& error);

// Each adds one subcommand with its options and --help; when the subcommand is called it sets `exit_code`.
void add_capture_command(CLI::App& app, int& exit_code);
void add_keygen_command(CLI::App& app, int& exit_code);
void add_show_command(CLI::App& app, int& exit_code);
void add_catalog_command(CLI::App& app, int& exit_code);
void add_inspect_command(CLI::App& app, int& exit_code);
void add_cut_command(CLI::App& app, int& exit_code);
void add_merge_command(CLI::App& app, int& exit_code);
void add_target_command(CLI::App& app, int& exit_code);
void add_replay_command(CLI::App& app, int& exit_code);
void add_compare_command(CLI::App& app, int& exit_code);
void add_migrate_command(CLI::App& app, int& exit_code);
void add_rehearse_command(CLI::App& app, int& exit_code);
void add_init_command(CLI::App& app, int& exit_code);
void add_merge_reports_command(CLI::App& app, int& exit_code);
void add_check_command(CLI::App& app, int& exit_code);
void add_clean_command(CLI::App& app, int& exit_code);
void add_schema_command(CLI::App& app, int& exit_code);
void add_lint_command(CLI::App& app, int& exit_code);
void add_completion_command(CLI::App& app, int& exit_code);
void add_manual_command(CLI::App& app, int& exit_code);

}  // namespace understudy::app
