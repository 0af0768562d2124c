#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::compare {

// What a history keeps of a run, as values. All texts are UTF-8 without NUL (plain_utf8() makes them so), because the
// stores have to give back what they were given.

/// What makes a finding the same one on another night.
struct FindingKey {
    std::string fingerprint;  ///< of its statement; empty: it is of no statement (a part of a rehearsal that failed)
    std::string kind;         ///< as reports have it; "section", "slower", "slide" besides
    std::string place;
    std::string sqlstate;
    friend auto operator<=>(const FindingKey&, const FindingKey&) = default;
};

struct RunFinding {
    FindingKey key;
    std::string id;         ///< as reports have it
    std::string severity;   ///< breaking, wrong answer, risky, cosmetic
    std::string statement;  ///< normalised
    std::string explanation;
    std::uint64_t count = 0;
    friend bool operator==(const RunFinding&, const RunFinding&) = default;
};

/// Quantiles in milliseconds.
struct RunTimes {
    double median_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
    friend bool operator==(const RunTimes&, const RunTimes&) = default;
};

/// How long one statement took in one run.
struct StatementLatency {
    std::string fingerprint;
    std::string statement;    ///< normalised
    std::uint64_t calls = 0;  ///< of the candidate
    RunTimes baseline;
    RunTimes candidate;
    friend bool operator==(const StatementLatency&, const StatementLatency&) = default;
};

/// What lists show of a run.
struct RunSummary {
    std::string id;  ///< see make_run_id(); runs sort by it as by time
    Timestamp at;
    std::string job;      ///< runs of one job are compared with each other
    std::string command;  ///< rehearse or compare
    std::string title;
    std::string tool_version;
    std::string verdict;  ///< same, divergent, inconclusive
    std::string release;  ///< its name; empty: no release
    std::map<std::string, std::uint64_t> severities;  ///< findings by severity
    std::map<std::string, std::uint64_t> noise_classes;  ///< differences set apart, by class
    std::uint64_t compared = 0;                          ///< steps
    std::uint64_t diverged = 0;                          ///< differences in the findings
    std::uint64_t noise = 0;
    std::uint64_t unconfirmed = 0;
    std::uint64_t downstream = 0;
    std::uint64_t expected = 0;
    double coverage_percent = 0;
    std::uint64_t findings = 0;       ///< kept
    std::uint64_t findings_left = 0;  ///< further ones, beyond RunRecord::kMaxFindings
    std::uint64_t latencies = 0;      ///< statements with times
    bool asked_complete = false;      ///< `RunRecord::asked` has every statement of the run
    friend bool operator==(const RunSummary&, const RunSummary&) = default;
};

/// What nights are compared by.
struct ObservedRun {
    RunSummary summary;
    std::vector<RunFinding> findings;  ///< worst first
    std::vector<std::string> asked;    ///< fingerprints of what was asked, in order of the alphabet
    friend bool operator==(const ObservedRun&, const ObservedRun&) = default;
};

/// One run, whole.
struct RunRecord {
    static constexpr std::size_t kMaxFindings = 5'000;
    static constexpr std::size_t kMaxAsked = 20'000;
    static constexpr std::size_t kMaxLatencies = 2'000;
    static constexpr std::size_t kMaxName = 200;       ///< bytes of an id, a job, a release
    static constexpr std::size_t kMaxField = 4096;  ///< bytes of a statement, a place …
    static constexpr std::size_t kMaxText = 4U << 20U;  ///< bytes
    static constexpr std::size_t kMaxReport = 256U << 20U;

    ObservedRun observed;
    std::vector<StatementLatency> latencies;  ///< in order of the fingerprint
    std::string text;                         ///< the report for a terminal, without values
    std::string report;                       ///< as docs/report.md has it
    friend bool operator==(const RunRecord&, const RunRecord&) = default;
};

/// One night in the series of one statement.
struct LatencyPoint {
    std::string run;
    Timestamp at;
    StatementLatency latency;
    friend bool operator==(const LatencyPoint&, const LatencyPoint&) = default;
};

/// "20261128T031205000Z-1f3a": when, to the millisecond, and four hexadecimal digits of `chance`, so that two runs of
/// one moment differ. For moments after 1970.
std::string make_run_id(Timestamp at, std::uint32_t chance);
/// Whether a text is such an id. Only ids name files.
bool is_run_id(const std::string& text);

/// What is no UTF-8, and NUL, replaced by U+FFFD; cut to at most `limit` bytes, whole characters.
std::string plain_utf8(const std::string& text, std::size_t limit);

/// Whether a history takes it: within the limits above, a proper id, no NUL. Errors: Errc::usage.
Result<void> check_run(const RunRecord& run);

}  // namespace understudy::compare
