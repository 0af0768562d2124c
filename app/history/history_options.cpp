#include "app/history/history_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "app/history/open_history.hpp"
#include "app/rehearse/config_file.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kShownSkips = 5;

constexpr const char* kInTarget = "Also where the database is marked as one that is replayed into";

/// N of "last~N"; nothing when it is not of that form.
std::optional<std::size_t> nights_back(const std::string& name) {
    if (name == "last") return 0;
    if (!name.starts_with("last~")) return std::nullopt;
    std::size_t back = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + 5, end, back);
    const bool sound = read.ec == std::errc() && read.ptr == end && back < RunFilter::kMaxLimit;
    return sound ? std::optional<std::size_t>(back) : std::nullopt;
}

Result<std::string> only_of(const std::vector<std::string>& ids, const std::string& name, const std::string& where) {
    if (ids.size() == 1) return ids.front();
    return make_error(Errc::usage, ids.empty() ? fmt::format("{} has no run {}", where, name)
                                               : fmt::format("{} runs of {} begin with {}: give more of the id",
                                                             ids.size(), where, name));
}

}  // namespace

void add_history_options(CLI::App& command, HistoryOptions& options) {
    command.add_option(
        "--history", options.where,
        "Keep this run, and tell what is new since earlier ones: a directory, or postgresql://… (docs/history.md)");
    command.add_option("--job", options.job,
                       "Runs of one job are compared with each other (default: the command's name)");
    command.add_flag("--history-in-target", options.in_target, kInTarget);
    command.add_option("--keep-runs", options.retention.runs, "Runs of the job that the history keeps; 0: all")
        ->capture_default_str();
    command.add_option("--keep-days", options.retention.days, "… and for how many days; 0: for ever. Releases stay")
        ->check(CLI::Range(0, 36'500))
        ->capture_default_str();
}

void add_place_options(CLI::App& command, HistoryPlace& place) {
    command.add_option(
        "--history", place.where,
        "Where the history is: a directory, or postgresql://… (default: history of rehearse in understudy.yaml)");
    command.add_option("--config", place.config, "That file")->capture_default_str();
    command.add_flag("--history-in-target", place.in_target, kInTarget);
}

Result<std::unique_ptr<History>> open_place(const HistoryPlace& place) {
    std::string where = place.where;
    if (where.empty()) {
        UNDERSTUDY_TRY(where, config_value(place.config, "history"));
    }
    if (where.empty()) {
        return make_error(
            Errc::usage,
            fmt::format("no history: say --history, or put history: into the section rehearse of {}", place.config));
    }
    return open_history(where, {true, place.in_target});
}

Result<std::string> find_run_id(History& history, const std::string& name, const std::string& job) {
    if (compare::is_run_id(name)) return name;
    RunFilter filter;
    filter.job = job;
    if (const auto back = nights_back(name)) {
        filter.limit = *back + 1;
        UNDERSTUDY_TRY(const RunPage page, history.list(filter));
        if (page.runs.size() > *back) return page.runs[*back].id;
        return make_error(Errc::usage, fmt::format("{} has only {} runs{}", history.where(), page.runs.size(),
                                                   job.empty() ? "" : " of that job"));
    }
    filter.releases_only = true;
    filter.limit = RunFilter::kMaxLimit;
    UNDERSTUDY_TRY(const RunPage releases, history.list(filter));
    for (const auto& run : releases.runs) {
        if (name == "release" || run.release == name) return run.id;
    }
    if (name == "release")
        return make_error(Errc::usage, "no run is marked as a release (understudy history release RUN NAME)");
    filter.releases_only = false;
    UNDERSTUDY_TRY(const RunPage all, history.list(filter));
    std::vector<std::string> found;
    for (const auto& run : all.runs) {
        if (!name.empty() && run.id.starts_with(name)) found.push_back(run.id);
    }
    return only_of(found, name, history.where());
}

void warn_of_skipped(const History& history) {
    const auto skipped = history.skipped();
    for (std::size_t i = 0; i < skipped.size() && i < kShownSkips; ++i) {
        fmt::print(stderr, "understudy: left out {}: {}\n", skipped[i].name, skipped[i].why);
    }
    if (skipped.size() > kShownSkips) fmt::print(stderr, "understudy: and {} more\n", skipped.size() - kShownSkips);
}

}  // namespace understudy::app
