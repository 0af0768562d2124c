#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/analysis/cause.hpp"
#include "compare/analysis/coverage.hpp"
#include "compare/analysis/example.hpp"
#include "compare/analysis/gatherer.hpp"
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
    DivergenceKind kind = DivergenceKind::value;
    Bytes place;
    Bytes sqlstate;
    Bytes statement;          ///< normalised
    std::string fingerprint;  ///< 16 hexadecimal digits
    bool lexical = false;     ///< the fingerprint is of tokens only
    std::uint64_t count = 0;
    std::uint64_t sessions = 0;
    std::uint64_t followed_by = 0;  ///< steps folded into it
    std::uint64_t downstream = 0;   ///< differences set apart as its echoes
    Timestamp first;
    Timestamp last;
    Cause cause = Cause::data;
    Bytes explanation;
    std::string why;  ///< why it is set apart; empty for a finding
    std::optional<Example> example;
    int severity = 0;
};

struct Report {
    ReportVerdict verdict = ReportVerdict::same;
    std::vector<std::string> reasons;  ///< of the verdict, one sentence each
    std::vector<std::string> remarks;  ///< what a reader should know besides
    std::vector<InputReport> inputs;
    Coverage coverage;
    double min_coverage = 0;
    std::uint64_t diverged = 0;  ///< differences in the findings
    std::uint64_t noise = 0;     ///< differences set apart, by reason
    std::uint64_t unconfirmed = 0;
    std::uint64_t downstream = 0;
    std::vector<Finding> findings;  ///< worst first
    std::vector<Finding> noise_places;
    std::vector<Finding> unconfirmed_places;
    std::vector<Finding> downstream_places;
};

struct ReportOptions {
    double min_coverage = 98;
    std::size_t max_findings = 10;  ///< shown in the text
    bool include_values = false;    ///< rows of the database in the JSON, too
};

/// For a terminal; ends with a newline. UTF-8, about 100 columns.
std::string to_text(const Report& report, const ReportOptions& options);
/// As docs/report.md has it; ends with a newline.
std::string to_json(const Report& report, const ReportOptions& options);

}  // namespace understudy::compare
