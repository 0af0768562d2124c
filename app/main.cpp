#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/fidelity/fidelity_command.hpp"
#include "app/history_command.hpp"
#include "app/process/hidden_arguments.hpp"
#include "app/serve_command.hpp"

int main(int argc, char** argv) {
    // Captured data must not end up in a core file, and a closed pipe is an error value, not a signal.
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_DUMPABLE, 0);
    std::signal(SIGPIPE, SIG_IGN);

    CLI::App app{"Understudy proves a database change safe with real traffic before it ships.", "understudy"};
    app.set_version_flag("--version", "understudy " UNDERSTUDY_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Exit codes: 0 passed, 1 divergence found, 2 wrong usage, 3 inconclusive, 4 environment.\n"
        "Each command has its own --help with examples.");
    int exit_code = understudy::app::kPassed;
    understudy::app::add_capture_command(app, exit_code);
    understudy::app::add_keygen_command(app, exit_code);
    understudy::app::add_catalog_command(app, exit_code);
    understudy::app::add_inspect_command(app, exit_code);
    understudy::app::add_cut_command(app, exit_code);
    understudy::app::add_merge_command(app, exit_code);
    understudy::app::add_target_command(app, exit_code);
    understudy::app::add_replay_command(app, exit_code);
    understudy::app::add_compare_command(app, exit_code);
    understudy::app::add_migrate_command(app, exit_code);
    understudy::app::add_rehearse_command(app, exit_code);
    understudy::app::add_init_command(app, exit_code);
    understudy::app::add_merge_reports_command(app, exit_code);
    understudy::app::add_show_command(app, exit_code);
    understudy::app::add_history_command(app, exit_code);
    understudy::app::add_diff_command(app, exit_code);
    understudy::app::add_check_command(app, exit_code);
    understudy::app::add_clean_command(app, exit_code);
    understudy::app::add_schema_command(app, exit_code);
    understudy::app::add_lint_command(app, exit_code);
    understudy::app::add_serve_command(app, exit_code);
    understudy::app::add_fidelity_command(app, exit_code);
    understudy::app::add_completion_command(app, exit_code);
    understudy::app::add_manual_command(app, exit_code);
    // Parsed from copies, so that passwords can go from what others see of this process.
    std::vector<std::string> arguments(argv, argv + argc);
    understudy::app::hide_secrets(argc, argv);
    std::vector<const char*> pointers;
    for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
    try {
        app.parse(argc, pointers.data());
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? understudy::app::kPassed : understudy::app::kUsage;
    } catch (const std::exception& error) {
        fmt::print(stderr, "understudy: {}\n", error.what());
        return understudy::app::kEnvironment;
    }
    return exit_code;
}
