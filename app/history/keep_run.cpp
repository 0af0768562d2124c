#include "app/history/keep_run.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "app/command.hpp"
#include "app/compare/compared_capture.hpp"
#include "app/history/open_history.hpp"
#include "app/history/retained.hpp"
#include "compare/history/history_text.hpp"
#include "compare/history/make_run.hpp"
#include "compare/report/outward.hpp"
#include "compare/report/rehearsed.hpp"

namespace understudy::app {
namespace {

Result<compare::RunLatencies> times_of(const std::string& path, const Keys& keys) {
    UNDERSTUDY_TRY(const auto capture, ComparedCapture::open(path, keys));
    return compare::read_latencies(*capture);
}

/// Tonight's times as further points of the series.
void add_points(const compare::RunRecord& run, std::vector<compare::LatencyPoint>& points) {
    for (const compare::StatementLatency& one : run.latencies) {
        points.push_back({run.observed.summary.id, run.observed.summary.at, one});
    }
}

}  // namespace

Result<HistoryKeeper> HistoryKeeper::open(const HistoryOptions& options, const std::string& command) {
    HistoryKeeper keeper(options, command);
    if (options.where.empty()) return keeper;
    UNDERSTUDY_TRY(keeper.history_, open_history(options.where, {false, options.in_target}));
    return keeper;
}

Result<void> HistoryKeeper::relate(const Judging& judging, compare::Report& report, const Digester* digester,
                               const ReportedRuns& runs, const Keys& keys) {
    compare::RunName name;
    name.at = judging.report.now;
    name.chance = std::random_device()();
    name.job = options_.job.empty() ? command_ : options_.job;
    name.command = command_;
    run_ = compare::make_run(digester != nullptr ? compare::outward(report, *digester) : report, name);
    std::error_code ignored;
    const bool played =
        std::filesystem::exists(runs.baseline, ignored) && std::filesystem::exists(runs.candidate, ignored);
    if (played) {
        UNDERSTUDY_TRY(const auto baseline, times_of(runs.baseline, keys));
        UNDERSTUDY_TRY(const auto candidate, times_of(runs.candidate, keys));
        compare::add_times(run_, baseline, candidate, digester);
        UNDERSTUDY_TRY(const auto capture, ComparedCapture::open(runs.baseline, keys));
        UNDERSTUDY_TRY(const auto asked, compare::read_asked(*capture));
        compare::add_asked(run_, asked);
    }
    RunFilter filter;
    filter.job = run_.observed.summary.job;
    filter.limit = compare::kFlapNights - 1;
    UNDERSTUDY_TRY(const auto earlier, history_->observed(filter));
    warn_of_skipped(*history_);
    filter.limit = compare::NightTable::kNights - 1;
    UNDERSTUDY_TRY(auto points, history_->latencies(filter));
    filter.limit = 1;
    filter.releases_only = true;
    UNDERSTUDY_TRY(const auto release, history_->observed(filter));
    add_points(run_, points);
    compare::TrendOptions trend_options;
    if (!release.empty()) trend_options.accepted = release[0].summary.id;
    const auto trends = compare::judge_trends(compare::make_night_table(points), trend_options);
    compare::add_trends(run_, trends);
    const auto last_night = compare::against_earlier(run_.observed, earlier);
    std::optional<compare::NightsComparison> since_release;
    if (!release.empty() && release[0].summary.id != last_night.before.id) {
        since_release = compare::against_run(run_.observed, release[0]);
    }
    auto section = compare::history_section(last_night, since_release, trends);
    if (!played) section.lines.emplace_back("this run has no times: a side of it was not played");
    compare::add_section(report, std::move(section));
    return {};
}

Result<void> HistoryKeeper::keep(const Judging& judging, const compare::Report& report, const Digester* digester) {
    const compare::Report shown = digester != nullptr ? compare::outward(report, *digester) : report;
    run_.observed.summary.verdict = to_string(report.verdict);
    run_.text = compare::plain_utf8(compare::to_text(shown, judging.report), compare::RunRecord::kMaxText);
    run_.report = compare::to_json(shown);
    UNDERSTUDY_CHECK(history_->add(run_));
    fmt::print(stderr, "understudy: kept as run {} in {}\n", run_.observed.summary.id, history_->where());
    UNDERSTUDY_TRY(const auto going,
                   going_runs(*history_, run_.observed.summary.job, options_.retention, judging.report.now));
    for (const std::string& id : going) UNDERSTUDY_CHECK(remove_run(*history_, id));
    return {};
}

Result<int> HistoryKeeper::conclude_run(const Judging& judging, compare::Report& report,
                                    const std::optional<DigestKey>& key, const ReportedRuns& runs, const Keys& keys) {
    if (history_ == nullptr) return conclude(judging, report, key);
    // Values stay where the files of the report have them, and never leave the machine.
    const Digester digester(key ? *key : DigestKey::generate());
    const bool with_values = judging.report.include_values && !history_->leaves_the_machine();
    const Digester* const placeholders = with_values ? nullptr : &digester;
    const auto related = relate(judging, report, placeholders, runs, keys);
    if (!related) {
        compare::Section section;
        section.id = compare::kHistorySection;
        section.title = "Against earlier runs";
        section.state = compare::SectionState::inconclusive;
        section.summary = "this run is not kept: " + related.error().message;
        compare::add_section(report, std::move(section));
        return conclude(judging, report, key);
    }
    UNDERSTUDY_TRY(const int exit_code, conclude(judging, report, key));
    const auto kept = keep(judging, report, placeholders);
    if (kept) return exit_code;
    const int failure = fail(make_error(kept.error().code, "this run is not kept: " + kept.error().message));
    return exit_code == kPassed ? failure : exit_code;
}

}  // namespace understudy::app
