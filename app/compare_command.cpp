#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <string>

#include "app/command.hpp"
#include "app/compare/compare_jobs.hpp"
#include "app/compare/judging.hpp"
#include "app/compare/latency_runs.hpp"
#include "app/history/keep_run.hpp"
#include "app/keys.hpp"
#include "compare/comparison.hpp"
#include "compare/part/part_codec.hpp"
#include "compare/report/build_report.hpp"

namespace understudy::app {
namespace {

using compare::Side;

struct CompareOptions {
    compare::PerSide<std::string> paths;
    Judging judging;
    LatencyRuns latency;
    std::string part;
    std::string part_file;
    std::uint32_t jobs = default_compare_jobs();
    HistoryOptions history;
    Keys keys;
};

/// "2/4".
Result<compare::SessionPart> parse_session_part(const std::string& text) {
    compare::SessionPart part;
    if (text.empty()) return part;
    const char* const end = text.data() + text.size();
    const auto index = std::from_chars(text.data(), end, part.index);
    const bool slash = index.ec == std::errc() && index.ptr != end && *index.ptr == '/';
    const auto of =
        slash ? std::from_chars(index.ptr + 1, end, part.of) : std::from_chars_result{end, std::errc::invalid_argument};
    const bool sound = of.ec == std::errc() && of.ptr == end && part.index >= 1 && part.index <= part.of &&
                       part.of <= compare::SessionPart::kMaxParts;
    if (sound) return part;
    return make_error(Errc::usage, fmt::format("--part {}: say which of how many, such as 2/4 (at most {} parts)", text,
                                               compare::SessionPart::kMaxParts));
}

Result<int> write_part(const CompareOptions& options, const compare::ComparisonPart& part) {
    UNDERSTUDY_CHECK(write_private_file(options.part_file, compare::to_text(part)));
    fmt::print(
        "part {} of the comparison is in {}: {} steps compared, {} places differ; understudy merge-reports judges "
        "all parts together\n",
        options.part, options.part_file, part.seen.coverage.compared, part.seen.tally.cells().size());
    return kPassed;
}

Result<int> run(CompareOptions& options) {
    compare::ComparisonOptions comparison;
    UNDERSTUDY_TRY(comparison.part, parse_session_part(options.part));
    if (options.part.empty() != options.part_file.empty()) {
        return make_error(Errc::usage, "--part and --part-file go together: the part that is compared, and its file");
    }
    if (!options.part.empty() && !options.history.where.empty()) {
        return make_error(Errc::usage, "--part judges nothing, so there is nothing that --history could keep");
    }
    UNDERSTUDY_CHECK(prepare(options.judging));
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(HistoryKeeper keeper, HistoryKeeper::open(options.history, "compare"));
    comparison.report = options.judging.report;
    std::optional<DigestKey> digest_key;
    UNDERSTUDY_TRY(const auto part, compare_in_jobs(options.paths, options.keys, comparison, options.jobs, digest_key));
    if (!options.part.empty()) return write_part(options, part);
    compare::Report report = judged_report(options.judging, part);
    if (options.latency.any()) {
        UNDERSTUDY_TRY(auto latency, latency_of(options.latency, options.paths[index_of(Side::baseline)],
                                                options.paths[index_of(Side::candidate)], options.keys));
        compare::add_latency(report, std::move(latency), options.judging.report);
    }
    const ReportedRuns runs{options.paths[index_of(Side::baseline)], options.paths[index_of(Side::candidate)]};
    return keeper.conclude_run(options.judging, report, digest_key, runs,
                               options.keys);
}

}  // namespace

void add_compare_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("compare", "Compare the answers of two replays (or captures) step by step");
    auto options = std::make_shared<CompareOptions>();
    auto& paths = options->paths;
    command->add_option("baseline", paths[index_of(Side::baseline)], "Capture of the unchanged schema's answers")
        ->required();
    command->add_option("candidate", paths[index_of(Side::candidate)], "Capture of the changed schema's answers")
        ->required();
    command->add_option("--control", paths[index_of(Side::control)],
                        "The unchanged schema replayed once more: what differs there as well is noise");
    command->add_option("--confirm", paths[index_of(Side::confirmation)],
                        "The changed schema replayed once more: a lone difference has to come again");
    add_key_option(*command, options->keys);
    add_judging_options(*command, options->judging);
    add_latency_options(*command, options->latency);
    add_history_options(*command, options->history);
    command->add_option("--part", options->part,
                        "Compare only this share of the sessions, such as 2/4, and judge nothing: several machines, or "
                        "one that is interrupted, can share a comparison");
    command->add_option("--part-file", options->part_file,
                        "Where the part goes, for merge-reports; it holds examples with their values");
    command
        ->add_option("--jobs", options->jobs,
                     "Threads that share the sessions; each reads all captures (default: processors, at most 4)")
        ->check(CLI::Range(1U, kMaxCompareJobs));
    command->footer(
        "Exit codes: 0 same, 1 divergent, 3 inconclusive, 4 a file cannot be read.\n"
        "The text shows values of requests and rows: it is for the eyes of those who may see them. The files\n"
        "have placeholders instead (‹integer 1f3a›, equal for equal values), unless --include-values is given.\n\n"
        "Examples:\n"
        "  understudy compare baseline.pgcap candidate.pgcap\n"
        "  understudy compare baseline.pgcap candidate.pgcap --control control.pgcap --html report.html\n"
        "  understudy compare baseline.pgcap candidate.pgcap --junit junit.xml --sarif understudy.sarif \\\n"
        "      --migration migrations/042.up.sql --fail-on risky\n"
        "  understudy compare b1.pgcap c1.pgcap --pair b2.pgcap c2.pgcap --pair b3.pgcap c3.pgcap \\\n"
        "      --pair b4.pgcap c4.pgcap --pair b5.pgcap c5.pgcap\n"
        "  understudy compare baseline.pgcap candidate.pgcap --accept f1a2b3c4 --reason 'rounded since 7.2' \\\n"
        "      --owner billing --expires 2027-01-31\n"
        "  understudy compare baseline.pgcap candidate.pgcap --history ~/understudy --job nightly\n"
        "  understudy compare baseline.pgcap candidate.pgcap --part 1/2 --part-file part1.json\n"
        "  understudy compare baseline.pgcap candidate.pgcap --control control.pgcap --confirm candidate2.pgcap");
    command->callback([options, &exit_code] {
        const auto result = run(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
