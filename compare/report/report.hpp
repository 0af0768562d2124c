#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/analysis/cause.hpp"
#include "compare/analysis/coverage.hpp"
#include "compare/analysis/example.hpp"
#include "compare/analysis/activity.hpp"
#include "compare/analysis/gatherer.hpp"
#include "compare/analysis/noise_class.hpp"
#include "compare/analysis/noise_ledger.hpp"
#include "compare/analysis/schema_change.hpp"
#include "compare/analysis/severity.hpp"
#include "compare/latency/latency_report.hpp"
#include "compare/report/section.hpp"
#include "compare/rules/rule.hpp"
#include "core/store/capture_reader.hpp"

namespace understudy::compare {

/// Version of the JSON report; docs/report.md describes it.
inline constexpr int kReportFormatVersion = 1;

enum class ReportVerdict : std::uint8_t { same, divergent, inconclusive };
std::string_view to_string(ReportVerdict verdict);

/// One capture that was read.
struct InputReport {
    Side side = Side::baseline;
    std::string name;
    CaptureHeader header;
    CaptureNotes notes;
    store::Damage damage;
};

/// Differences of one statement, place and kind, whatever they were judged to be.
struct Finding {
    std::string id;  ///< the same in every report: of fingerprint, kind, place and SQLSTATE
    Severity severity = Severity::risky;
    DivergenceKind kind = DivergenceKind::value;
    Bytes place;
    Bytes sqlstate;
    Bytes statement;          ///< normalised
    std::string fingerprint;  ///< 16 hexadecimal digits
    bool lexical = false;     ///< the fingerprint is of tokens only
    bool raised = false;      ///< an error whose text is a function's own: it can quote anything
    std::uint64_t count = 0;
    std::uint64_t sessions = 0;
    std::vector<Bytes> users;  ///< whose sessions these are; the first of many
    std::vector<Bytes> applications;
    std::vector<Bytes> databases;
    double calls_a_day = 0;  ///< `count` at the rate of the recording; 0: it is too short to say
    std::uint64_t followed_by = 0;  ///< steps folded into it
    std::uint64_t downstream = 0;   ///< differences set apart as its echoes
    Timestamp first;
    Timestamp last;
    Cause cause = Cause::data;
    Bytes explanation;
    Bytes baseline;  ///< what each side has there, in a few words
    Bytes candidate;
    std::string why;  ///< why it is set apart; empty for a finding
    std::optional<NoiseClass> noise_class;  ///< of what is set apart as noise or unconfirmed
    std::optional<Example> example;
    bool widespread = false;       ///< unconfirmed, but in several sessions
    std::vector<Bytes> blame;      ///< changes of the schema that touch it, the nearest first
    std::vector<Bytes> relations;  ///< that its statement names
    std::optional<std::uint32_t> migration_line;  ///< of the statement that is to blame, as far as that is known
    std::string seen_in;  ///< a rehearsal: "fresh sessions", "held sessions", or both; empty: not said
};

struct Report {
    ReportVerdict verdict = ReportVerdict::same;
    std::string command = "compare";   ///< that made it: "compare", "rehearse", "check"
    std::string title;                 ///< of what is more than a comparison of two replays; else empty
    std::vector<std::string> reasons;  ///< of the verdict, one sentence each
    std::vector<std::string> remarks;  ///< what a reader should know besides
    std::vector<InputReport> inputs;
    Coverage coverage;
    double min_coverage = 0;
    std::uint64_t diverged = 0;  ///< differences in the findings
    std::uint64_t noise = 0;     ///< differences set apart, by reason
    std::uint64_t unconfirmed = 0;
    std::uint64_t downstream = 0;
    std::uint64_t expected = 0;
    std::vector<Finding> findings;  ///< worst first
    std::vector<Finding> noise_places;
    std::vector<Finding> unconfirmed_places;
    std::vector<Finding> downstream_places;
    std::vector<Finding> expected_places;  ///< set apart by rules of the user
    std::vector<RuleUse> rules;
    NoiseLedger known_noise;  ///< with this comparison, when it has a control
    std::optional<LatencyReport> latency;
    std::vector<Section> sections;  ///< of a rehearsal
    std::string migration;  ///< name of the file that lines are of; empty: none was given
    std::vector<SessionActivity> sessions;  ///< of the baseline, the first of many
    Timeline timeline;

    [[nodiscard]] std::uint64_t findings_of(Severity severity) const;
    /// Differences set apart as noise or unconfirmed, by class.
    [[nodiscard]] std::map<NoiseClass, std::uint64_t> apart_by_class() const;
};

struct ReportOptions {
    double min_coverage = 98;
    std::size_t max_findings = 10;  ///< shown in the text
    bool include_values = false;    ///< in what leaves the machine: without, placeholders stand for values
    Severity fail_on = Severity::cosmetic;  ///< the least severity that makes the verdict divergent
    std::vector<Rule> rules;
    NoiseLedger known_noise;  ///< of earlier nights
    /// Of snapshots of both schemas, which know more than the captures' catalogues do.
    std::optional<std::vector<SchemaChange>> schema_changes;
    Timestamp now;            ///< rules expire by it
};

/// For a terminal; ends with a newline. UTF-8, about 100 columns.
std::string to_text(const Report& report, const ReportOptions& options);
/// One finding of it, in the same way.
std::string finding_text(const Finding& finding);
/// As docs/report.md has it, with the values that the report has (see outward.hpp); ends with a newline.
std::string to_json(const Report& report);

}  // namespace understudy::compare
