#include "app/history_command.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/compare/rules_file.hpp"
#include "app/history/history_options.hpp"
#include "app/history/retained.hpp"
#include "app/history/show_run.hpp"
#include "compare/history/history_json.hpp"
#include "compare/history/history_text.hpp"
#include "compare/history/night_series.hpp"
#include "core/base/time.hpp"

namespace understudy::app {
namespace {

struct HistoryCommand {
    HistoryPlace place;
    RunFilter filter;
    std::string fingerprint;
    std::string run;
    std::string name;
    std::string file;
    std::size_t nights = 90;
    compare::Retention retention;
    bool dry = false;
    bool json = false;
};

void print_json(const nlohmann::ordered_json& json) {
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

Result<int> list_runs(const HistoryCommand& options) {
    UNDERSTUDY_TRY(const auto history, open_place(options.place));
    UNDERSTUDY_TRY(const RunPage page, history->list(options.filter));
    warn_of_skipped(*history);
    if (options.json) {
        nlohmann::ordered_json runs = nlohmann::ordered_json::array();
        for (const auto& run : page.runs) runs.push_back(compare::summary_json(run));
        print_json({{"format_version", 1},
                    {"runs", std::move(runs)},
                    {"more", page.more},
                    {"skipped", history->skipped().size()}});
        return kPassed;
    }
    fmt::print("{}", compare::to_text(page.runs));
    if (page.more) fmt::print("and older ones: --before {}\n", page.runs.back().id);
    return kPassed;
}

Result<int> show_trend(const HistoryCommand& options) {
    UNDERSTUDY_TRY(const auto history, open_place(options.place));
    RunFilter filter;
    filter.job = options.filter.job;
    filter.limit = options.nights;
    UNDERSTUDY_TRY(const auto series, history->latency(options.fingerprint, filter));
    warn_of_skipped(*history);
    if (series.empty()) {
        return make_error(Errc::usage, fmt::format("no run of {} has times of the statement {}", history->where(),
                                                   options.fingerprint));
    }
    // What all statements have in common is told from this one's own, so the others are needed.
    filter.limit = compare::NightTable::kNights;
    UNDERSTUDY_TRY(const auto points, history->latencies(filter));
    std::optional<compare::Trend> own;
    for (const compare::Trend& trend : compare::judge_trends(compare::make_night_table(points), {}).trends) {
        if (trend.fingerprint == options.fingerprint) own = trend;
    }
    if (options.json) {
        print_json(compare::series_json(series, own));
    } else {
        fmt::print("{}", compare::series_text(series, own));
    }
    return kPassed;
}

Result<int> mark_run(const HistoryCommand& options) {
    UNDERSTUDY_TRY(const auto history, open_place(options.place));
    UNDERSTUDY_TRY(const std::string id, find_run_id(*history, options.run, options.filter.job));
    UNDERSTUDY_CHECK(history->mark_release(id, options.name));
    fmt::print("{}\n", options.name.empty() ? fmt::format("{} is no release any more", id)
                                            : fmt::format("{} is release {}", id, options.name));
    return kPassed;
}

Result<int> certify_run(const HistoryCommand& options) {
    UNDERSTUDY_TRY(const auto history, open_place(options.place));
    UNDERSTUDY_TRY(const std::string id, find_run_id(*history, options.run, options.filter.job));
    if (options.file.empty()) {
        UNDERSTUDY_TRY(const auto text, history->certificate(id));
        if (!text) return make_error(Errc::usage, fmt::format("run {} has no certificate", id));
        fmt::print("{}", *text);
        return kPassed;
    }
    UNDERSTUDY_TRY(const std::string text, read_text_file(options.file));
    UNDERSTUDY_CHECK(history->keep_certificate(id, text));
    fmt::print("{} has the certificate {}\n", id, options.file);
    return kPassed;
}

Result<int> prune_runs(const HistoryCommand& options) {
    UNDERSTUDY_TRY(const auto history, open_place(options.place));
    UNDERSTUDY_TRY(const auto going, going_runs(*history, "", options.retention, system_clock().now()));
    warn_of_skipped(*history);
    for (const std::string& id : going) {
        if (!options.dry) UNDERSTUDY_CHECK(remove_run(*history, id));
        fmt::print("{} {}\n", options.dry ? "would remove" : "removed", id);
    }
    if (going.empty()) fmt::print("nothing to remove\n");
    return kPassed;
}

using Action = Result<int> (*)(const HistoryCommand&);

void set_action(CLI::App& command, const std::shared_ptr<HistoryCommand>& options, Action action, int& exit_code) {
    add_place_options(command, options->place);
    command.callback([options, action, &exit_code] {
        const auto result = action(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

void add_job(CLI::App& command, const std::shared_ptr<HistoryCommand>& options) {
    command.add_option("--job", options->filter.job, "Only runs of this job");
}

void add_json(CLI::App& command, const std::shared_ptr<HistoryCommand>& options) {
    command.add_flag("--json", options->json, "For programs (docs/history.md)");
}

void add_list_options(CLI::App& list, const std::shared_ptr<HistoryCommand>& options) {
    add_job(list, options);
    list.add_option("--verdict", options->filter.verdict, "Only these: same, divergent or inconclusive")
        ->check(CLI::IsMember({"same", "divergent", "inconclusive"}));
    list.add_flag("--releases", options->filter.releases_only, "Only releases");
    list.add_option("--before", options->filter.before, "Only runs older than this one: the next page");
    list.add_option("--limit", options->filter.limit, "At most so many")
        ->check(CLI::Range(std::size_t{1}, RunFilter::kMaxLimit))
        ->capture_default_str();
    add_json(list, options);
}

void add_trend(CLI::App& parent, const std::shared_ptr<HistoryCommand>& options, int& exit_code) {
    auto* trend =
        parent.add_subcommand("trend", "How long one statement took, night after night, and whether that changed");
    trend->add_option("fingerprint", options->fingerprint, "Of the statement, as reports and inspect have it")
        ->required();
    trend->add_option("--nights", options->nights, "At most so many")
        ->check(CLI::Range(std::size_t{1}, RunFilter::kMaxLimit))
        ->capture_default_str();
    add_job(*trend, options);
    add_json(*trend, options);
    set_action(*trend, options, show_trend, exit_code);
}

void add_marks(CLI::App& parent, const std::shared_ptr<HistoryCommand>& options, int& exit_code) {
    auto* release = parent.add_subcommand("release", "Mark the run of a release: later runs are told from it, too");
    release->add_option("run", options->run, "Id, the beginning of one, last, or last~N")->required();
    release->add_option("name", options->name, "Of the release, e.g. 7.2; without it the mark is taken away");
    add_job(*release, options);
    set_action(*release, options, mark_run, exit_code);

    auto* certificate = parent.add_subcommand("certificate", "Keep a certificate with a run, or print it");
    certificate->add_option("run", options->run, "As above, or release, or a release's name")->required();
    certificate->add_option("file", options->file, "The certificate; without it the one that is kept is printed");
    add_job(*certificate, options);
    set_action(*certificate, options, certify_run, exit_code);
}

void add_prune(CLI::App& parent, const std::shared_ptr<HistoryCommand>& options, int& exit_code) {
    auto* prune = parent.add_subcommand("prune", "Remove old runs; releases and the newest run of each job stay");
    prune->add_option("--keep-runs", options->retention.runs, "Of each job; 0: all")->capture_default_str();
    prune->add_option("--keep-days", options->retention.days, "0: for ever")
        ->check(CLI::Range(0, 36'500))
        ->capture_default_str();
    prune->add_flag("--dry-run", options->dry, "Only say which");
    set_action(*prune, options, prune_runs, exit_code);
}

}  // namespace

void add_history_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("history", "Runs that were kept: list them, follow a statement over the nights");
    auto options = std::make_shared<HistoryCommand>();
    command->require_subcommand(0, 1);
    auto* list = command->add_subcommand("list", "The runs, newest first; so does history alone");
    add_list_options(*list, options);
    set_action(*list, options, list_runs, exit_code);
    add_trend(*command, options, exit_code);
    add_marks(*command, options, exit_code);
    add_prune(*command, options, exit_code);
    // Without a subcommand: the list.
    add_list_options(*command, options);
    add_place_options(*command, options->place);
    command->callback([options, command, &exit_code] {
        if (!command->get_subcommands().empty()) return;
        const auto result = list_runs(*options);
        exit_code = result ? *result : fail(result.error());
    });
    command->footer(
        "Examples:\n"
        "  understudy history --history ~/understudy --job nightly\n"
        "  understudy history trend 740667d30767ba1d --history postgresql://ops/understudy\n"
        "  understudy history release last 7.2\n"
        "  understudy history prune --keep-days 90 --dry-run\n"
        "understudy show RUN prints one run again, understudy diff RUN RUN tells two apart.");
}

}  // namespace understudy::app
