#include <fmt/format.h>

#include <memory>

#include "app/command.hpp"
#include "app/history/history_options.hpp"
#include "app/history_command.hpp"
#include "compare/history/history_json.hpp"
#include "compare/history/history_text.hpp"

namespace understudy::app {
namespace {

struct RunDiffOptions {
    HistoryPlace place;
    std::string before;
    std::string later;
    std::string job;
    bool json = false;
};

Result<compare::ObservedRun> observed_run(History& history, const RunDiffOptions& options, const std::string& name) {
    UNDERSTUDY_TRY(const std::string id, find_run_id(history, name, options.job));
    UNDERSTUDY_TRY(auto record, history.read(id));
    return std::move(record.observed);
}

Result<int> run_diff(const RunDiffOptions& options) {
    UNDERSTUDY_TRY(const auto history, open_place(options.place));
    UNDERSTUDY_TRY(const auto before, observed_run(*history, options, options.before));
    UNDERSTUDY_TRY(const auto later, observed_run(*history, options, options.later));
    const auto comparison = compare::against_run(later, before);
    if (options.json) {
        fmt::print("{}\n", compare::nights_json(comparison).dump(2));
    } else {
        fmt::print("{}", compare::to_text(comparison));
    }
    const bool worse = comparison.count(compare::NightState::fresh) > 0;
    return worse ? kDiverged : kPassed;
}

}  // namespace

void add_diff_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("diff", "What is new, gone and persisting between two runs of a history");
    auto options = std::make_shared<RunDiffOptions>();
    command
        ->add_option("before", options->before, "Id, the beginning of one, last, last~N, release, or a release's name")
        ->required();
    command->add_option("later", options->later, "The same")->required();
    command->add_option("--job", options->job, "The job that last and release are of");
    command->add_flag("--json", options->json, "For programs (docs/history.md)");
    add_place_options(*command, options->place);
    command->footer(
        "Exit codes: 0 nothing new, 1 something is new, 2 there is no such run, 4 the history cannot be read.\n\n"
        "Examples:\n"
        "  understudy diff last~1 last --history ~/understudy --job nightly\n"
        "  understudy diff release last --json");
    command->callback([options, &exit_code] {
        const auto result = run_diff(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
