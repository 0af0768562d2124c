#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schema/check/bodies/body_check.hpp"
#include "schema/check/check_plan.hpp"
#include "schema/check/describe_run.hpp"
#include "schema/check/difference.hpp"
#include "schema/check/predict/predict.hpp"

namespace understudy::schema {

/// The same difference of statements of one fingerprint: other literals, users and search_paths are folded
/// in.
struct Finding {
    DifferenceKind kind = DifferenceKind::error_appeared;
    Bytes statement;  ///< normalised
    sql::Fingerprint fingerprint;
    Bytes place;     ///< column name or "$2"; empty for errors
    Bytes baseline;  ///< what each side has there
    Bytes candidate;
    Bytes sqlstate;  ///< of the candidate's error, or of the baseline's that disappeared; empty for columns
    Bytes message;   ///< its text, or the difference in words
    Bytes hint;
    std::string_view cause;      ///< schema, privilege or data
    std::uint64_t count = 0;     ///< executions recorded of all statements folded in
    std::uint64_t variants = 0;  ///< distinct statements folded in
    std::set<Bytes> users;
    Timestamp first;
    Timestamp last;
    Bytes checked_sql;  ///< of the first of them, as it was parsed; `position` counts its characters from 1,
                        ///< 0: none
    std::uint32_t position = 0;
    Bytes example;  ///< SQL that shows it in psql, on either database, without executing the statement
};

/// The same prediction for statements of one fingerprint.
struct PredictedFinding {
    Prediction prediction;
    Bytes statement;  ///< normalised; empty: of all sessions
    sql::Fingerprint fingerprint;
    std::uint64_t count = 0;
    std::uint64_t variants = 0;
    std::set<Bytes> users;
    Timestamp first;
    Timestamp last;
};

/// How a migration of the scratch database went.
struct MigrationOutcome {
    std::uint64_t files = 0;
    std::uint64_t statements = 0;  ///< that were run
    bool failed = false;
    Bytes place;  ///< "V2__add.sql:14"
    Bytes statement;
    Bytes sqlstate;
    Bytes message;
};

enum class Verdict : std::uint8_t { passed, findings, inconclusive };
std::string_view to_string(Verdict verdict);

struct CheckReport {
    Verdict verdict = Verdict::inconclusive;
    std::uint64_t checked = 0;       ///< distinct statements that both servers could be asked about
    std::uint64_t failed_alike = 0;  ///< of these: both refused, as the recorded server had
    Reasons not_checked;             ///< distinct statements that count against coverage
    Reasons nothing_to_check;
    std::vector<Finding> findings;            ///< worst and most frequent first
    std::vector<Finding> information;         ///< type modifiers: harmless by themselves
    std::vector<PredictedFinding> predicted;  ///< likely effects that neither Parse nor planning shows; findings, too
    std::vector<PredictedFinding> possible;   ///< they depend on what is not known; for information
    bool predictions_made = false;
    BodyCheck bodies;  ///< of functions, triggers and DO blocks
    std::optional<MigrationOutcome> migration;  ///< set by the caller, who says fail() when it failed
    std::vector<Bytes> notes;                   ///< of the caller: what a reader has to know about the databases
    std::set<Bytes> roles_not_assumed;          ///< users whose privileges were not checked
    std::uint64_t executions = 0;               ///< recorded, of all statements
    std::uint64_t unknown_executions = 0;
    std::uint64_t unreadable_exchanges = 0;
    std::uint64_t other_databases = 0;  ///< sessions left out
    double min_coverage = 0;            ///< 0 to 1
    Duration duration;                  ///< of asking the servers; set by the caller
    std::string baseline;               ///< what they are called in the report; set by the caller
    std::string candidate;
    Bytes asked_as;         ///< the user of the connections; set by the caller
    Bytes baseline_version;
    Bytes candidate_version;

    /// The part of the distinct statements that was checked, of those that something could happen to; 0
    /// without any.
    [[nodiscard]] double coverage() const;
};

/// Judges. `baseline` and `candidate` have one description for each item of the plan.
/// The verdict: findings, if there are any; inconclusive, when nothing was checked or coverage is below
/// `min_coverage`; else passed.
CheckReport build_report(const RecordedStatements& recorded, const CheckPlan& plan, const ServerAnswers& baseline,
                         const ServerAnswers& candidate, double min_coverage);

/// Adds the predictions, and judges again. For a statement whose failure was observed nothing is to be predicted.
void add_predictions(CheckReport& report, const RecordedStatements& recorded, const CheckPlan& plan,
                     const ServerAnswers& baseline, const ServerAnswers& candidate,
                     const std::vector<Prediction>& predictions);

/// Adds what came of asking about bodies, and judges again: DO blocks may count as checked now.
void add_bodies(CheckReport& report, BodyCheck bodies);

/// What a finding of that kind means for those who run the statement; one or two sentences.
std::string_view explanation(DifferenceKind kind);

/// For the terminal: the verdict first. Names at most `max_findings`. No control characters of recorded texts
/// come through.
std::string to_text(const CheckReport& report, std::size_t max_findings = 50);
/// docs/check.md describes it.
inline constexpr int kCheckFormatVersion = 1;
std::string to_json(const CheckReport& report);

}  // namespace understudy::schema
