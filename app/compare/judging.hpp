#pragma once

#include <optional>
#include <string>

#include "app/compare/report_files.hpp"
#include "app/compare/rules_file.hpp"
#include "compare/part/comparison_part.hpp"
#include "compare/report/report.hpp"
#include "core/exchange/result_digest.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace understudy::app {

/// How what was compared is judged, shown and written: the options that `compare` and `merge-reports` share.
struct Judging {
    ReportFiles files;
    RulesFile rules;
    std::string ledger;
    std::string migration;
    std::string schema_before;  ///< snapshot files, or connection strings; both or none
    std::string schema_after;
    std::string fidelity;  ///< certificate of the staging on which was replayed
    std::optional<compare::Section> certified;  ///< what it means; complete after prepare()
    std::string fail_on = "cosmetic";
    CLI::Option* fail_on_given = nullptr;
    CLI::Option* min_coverage_given = nullptr;
    compare::ReportOptions report;  ///< complete after prepare()
};

/// A rehearsal knows its migration, and names it itself.
enum class JudgingScope { comparison, rehearsal };
void add_judging_options(CLI::App& command, Judging& judging, JudgingScope scope = JudgingScope::comparison);

/// Reads rules and ledger. Errors: Errc::io, Errc::malformed, Errc::usage.
Result<void> prepare(Judging& judging);

/// The report of a comparison, with the certificate as a section, where one was given.
compare::Report judged_report(const Judging& judging, const compare::ComparisonPart& part);

/// Shows the report on standard output, writes its files, the accepted rules and the ledger. `key` makes the
/// placeholders that stand for values, a random one if there is none. Gives the exit code. Errors: Errc::io …
Result<int> conclude(const Judging& judging, compare::Report& report, const std::optional<DigestKey>& key);

}  // namespace understudy::app
