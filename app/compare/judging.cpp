#include "app/compare/judging.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/command.hpp"
#include "app/fidelity/section.hpp"
#include "app/schema/snapshot_source.hpp"
#include "compare/analysis/snapshot_changes.hpp"
#include "compare/report/migration_place.hpp"
#include "compare/report/outward.hpp"
#include "compare/report/reservations.hpp"

namespace understudy::app {
namespace {

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

}  // namespace

void add_judging_options(CLI::App& command, Judging& judging, JudgingScope scope) {
    add_report_options(command, judging.files);
    add_rules_options(command, judging.rules);
    command.add_option(
        "--noise-ledger", judging.ledger,
        "What unchanged runs differ in, night after night: a comparison with --control adds to this file, "
        "one without is judged by it");
    if (scope == JudgingScope::comparison) {
        command.add_option("--migration", judging.migration,
                           "The change, as SQL: findings are located at the line that is most likely to blame");
        auto* before =
            command.add_option("--schema-before", judging.schema_before,
                               "File of schema snapshot, or connection string or URL, of the unchanged schema: "
                               "findings name the change of views, functions, policies, grants and the like, too");
        auto* after = command.add_option("--schema-after", judging.schema_after, "The same of the changed schema");
        before->needs(after);
        after->needs(before);
        command.add_option("--fidelity", judging.fidelity,
                           "Certificate of understudy fidelity (its --json) for this staging: a section of the report; a gate "
                           "that differs makes the verdict inconclusive");
    }
    judging.fail_on_given = command
                                .add_option("--fail-on", judging.fail_on,
                                            "The least severity that makes the verdict divergent (exit code 1)")
                                ->check(CLI::IsMember({"breaking", "wrong answer", "risky", "cosmetic"}))
                                ->capture_default_str();
    judging.min_coverage_given = command
                                     .add_option("--min-coverage", judging.report.min_coverage,
                                                 "Per cent of the steps that must have been compared for a verdict")
                                     ->check(CLI::Range(0.0, 100.0))
                                     ->capture_default_str();
    command.add_option("--max-findings", judging.report.max_findings, "Findings shown in the text")
        ->capture_default_str();
    command.add_flag("--include-values", judging.report.include_values,
                     "Show values of requests and rows in the files as well, in place of typed placeholders (the text "
                     "on the terminal shows them always)");
}

Result<void> prepare(Judging& judging) {
    judging.report.now = system_clock().now();
    UNDERSTUDY_TRY(auto rules, load_rules(judging.rules, judging.report.now));
    judging.report.fail_on = severity_named(judging.fail_on);
    if (rules.fail_on && judging.fail_on_given->count() == 0) judging.report.fail_on = *rules.fail_on;
    if (rules.min_coverage && judging.min_coverage_given->count() == 0) {
        judging.report.min_coverage = *rules.min_coverage;
    }
    judging.report.rules = std::move(rules.rules);
    UNDERSTUDY_TRY(judging.report.known_noise, load_ledger(judging.ledger));
    if (!judging.fidelity.empty()) {
        UNDERSTUDY_TRY(const auto certificate, read_certificate_file(judging.fidelity));
        judging.certified = fidelity_section(certificate);
    }
    if (judging.schema_before.empty()) return {};
    UNDERSTUDY_TRY(const auto before, load_snapshot(judging.schema_before));
    UNDERSTUDY_TRY(const auto after, load_snapshot(judging.schema_after));
    judging.report.schema_changes = compare::snapshot_changes(before, after);
    return {};
}

compare::Report judged_report(const Judging& judging, const compare::ComparisonPart& part) {
    compare::Report report = compare::report_of(part, judging.report);
    if (judging.certified) add_fidelity(report, *judging.certified);
    return report;
}

Result<int> conclude(const Judging& judging, compare::Report& report, const std::optional<DigestKey>& key) {
    if (!judging.migration.empty()) {
        UNDERSTUDY_TRY(const std::string text, read_text_file(judging.migration));
        compare::locate(report, judging.migration, text);
    }
    const std::string text = compare::to_text(report, judging.report);
    const bool shown = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    const int why = errno;
    if (judging.report.include_values) {
        UNDERSTUDY_CHECK(write_reports(judging.files, report));
    } else {
        const Digester digester(key ? *key : DigestKey::generate());
        UNDERSTUDY_CHECK(write_reports(judging.files, compare::outward(report, digester)));
    }
    UNDERSTUDY_CHECK(accept_findings(judging.rules, report));
    if (!judging.ledger.empty() && compare::input_of(report, compare::Side::control) != nullptr) {
        UNDERSTUDY_CHECK(write_private_file(judging.ledger, report.known_noise.to_text()));
    }
    if (!shown) return make_error(Errc::io, fmt::format("cannot write to standard output: {}", std::strerror(why)));
    return exit_code_of(report.verdict);
}

}  // namespace understudy::app
