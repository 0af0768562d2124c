#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "app/command.hpp"
#include "app/compare/compared_capture.hpp"
#include "app/compare/latency_runs.hpp"
#include "app/compare/report_files.hpp"
#include "app/compare/rules_file.hpp"
#include "app/keys.hpp"
#include "compare/comparison.hpp"
#include "compare/report/build_report.hpp"
#include "compare/report/migration_place.hpp"
#include "compare/report/outward.hpp"

namespace understudy::app {
namespace {

using compare::Side;

struct CompareOptions {
    compare::PerSide<std::string> paths;
    ReportFiles files;
    RulesFile rules;
    std::string ledger;
    LatencyRuns latency;
    CLI::Option* fail_on_given = nullptr;
    CLI::Option* min_coverage_given = nullptr;
    std::string migration;
    std::string fail_on = "cosmetic";
    Keys keys;
    compare::ReportOptions report;
};

int exit_code_of(compare::ReportVerdict verdict) {
    switch (verdict) {
        case compare::ReportVerdict::same: return kPassed;
        case compare::ReportVerdict::divergent: return kDiverged;
        case compare::ReportVerdict::inconclusive: return kInconclusive;
    }
    return kInconclusive;
}

/// None yet: an empty one.
Result<compare::NoiseLedger> load_ledger(const std::string& path) {
    std::error_code ignored;
    if (path.empty() || !std::filesystem::exists(path, ignored)) return compare::NoiseLedger{};
    UNDERSTUDY_TRY(const auto text, read_text_file(path));
    auto ledger = compare::NoiseLedger::parse(text);
    if (!ledger) return make_error(ledger.error().code, fmt::format("{}: {}", path, ledger.error().message));
    return ledger;
}

compare::Severity severity_named(const std::string& name) {
    for (std::size_t i = 0; i < compare::kSeverities; ++i) {
        if (name == to_string(static_cast<compare::Severity>(i))) return static_cast<compare::Severity>(i);
    }
    return compare::Severity::cosmetic;
}

Result<int> run(CompareOptions& options) {
    UNDERSTUDY_TRY(auto rules, load_rules(options.rules, system_clock().now()));
    options.report.fail_on = severity_named(options.fail_on);
    if (rules.fail_on && options.fail_on_given->count() == 0) options.report.fail_on = *rules.fail_on;
    if (rules.min_coverage && options.min_coverage_given->count() == 0) options.report.min_coverage = *rules.min_coverage;
    options.report.rules = std::move(rules.rules);
    options.report.now = system_clock().now();
    UNDERSTUDY_TRY(options.report.known_noise, load_ledger(options.ledger));
    UNDERSTUDY_CHECK(options.keys.load());
    compare::PerSide<std::unique_ptr<ComparedCapture>> captures;
    compare::Inputs inputs{};
    for (std::size_t i = 0; i < compare::kSides; ++i) {
        if (options.paths[i].empty()) continue;
        UNDERSTUDY_TRY(captures[i], ComparedCapture::open(options.paths[i], options.keys));
        inputs[i] = captures[i].get();
    }
    compare::ComparisonOptions comparison;
    comparison.report = options.report;
    UNDERSTUDY_TRY(auto report, compare::compare_captures(inputs, comparison));
    if (options.latency.any()) {
        UNDERSTUDY_TRY(auto latency, latency_of(options.latency, options.paths[index_of(Side::baseline)],
                                                options.paths[index_of(Side::candidate)], options.keys));
        compare::add_latency(report, std::move(latency), options.report);
    }
    if (!options.migration.empty()) {
        UNDERSTUDY_TRY(const std::string text, read_text_file(options.migration));
        compare::locate(report, options.migration, text);
    }
    const std::string text = compare::to_text(report, options.report);
    const bool shown = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    const int why = errno;
    if (!options.report.include_values) {
        const auto& key = captures[index_of(Side::baseline)]->digest_key();
        UNDERSTUDY_CHECK(write_reports(
            options.files, compare::outward(report, Digester(key ? *key : DigestKey::generate()))));
    } else {
        UNDERSTUDY_CHECK(write_reports(options.files, report));
    }
    UNDERSTUDY_CHECK(accept_findings(options.rules, report));
    if (!options.ledger.empty() && !options.paths[index_of(Side::control)].empty()) {
        UNDERSTUDY_CHECK(write_private_file(options.ledger, report.known_noise.to_text()));
    }
    if (!shown) return make_error(Errc::io, fmt::format("cannot write to standard output: {}", std::strerror(why)));
    return exit_code_of(report.verdict);
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
    add_report_options(*command, options->files);
    add_rules_options(*command, options->rules);
    command->add_option("--noise-ledger", options->ledger,
                        "What unchanged runs differ in, night after night: a comparison with --control adds to this file, "
                        "one without is judged by it");
    add_latency_options(*command, options->latency);
    command->add_option("--migration", options->migration,
                        "The change, as SQL: findings are located at the line that is most likely to blame");
    options->fail_on_given =
        command
        ->add_option("--fail-on", options->fail_on, "The least severity that makes the verdict divergent (exit code 1)")
        ->check(CLI::IsMember({"breaking", "wrong answer", "risky", "cosmetic"}))
        ->capture_default_str();
    options->min_coverage_given =
        command
        ->add_option("--min-coverage", options->report.min_coverage,
                     "Per cent of the steps that must have been compared for a verdict")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    command->add_option("--max-findings", options->report.max_findings, "Findings shown in the text")
        ->capture_default_str();
    command->add_flag("--include-values", options->report.include_values,
                      "Show values of requests and rows in the files as well, in place of typed placeholders (the text "
                      "on the terminal shows them always)");
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
        "  understudy compare baseline.pgcap candidate.pgcap --control control.pgcap --confirm candidate2.pgcap");
    command->callback([options, &exit_code] {
        const auto result = run(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
