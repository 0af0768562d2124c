#pragma once

#include <map>
#include <string>

#include "app/keys.hpp"
#include "compare/comparison.hpp"

namespace understudy::app {

/// The answers of two to four runs, as files; empty ones take no part.
struct ComparedRuns {
    std::string baseline;
    std::string candidate;
    std::string control;
    std::string confirmation;
};

/// Compares them. Errors: those of the files, Errc::inconclusive.
Result<compare::Report> compare_runs(const ComparedRuns& runs, const Keys& keys, const compare::ReportOptions& options);

/// What a replay counted, by name. Errors: those of the file.
Result<std::map<std::string, std::uint64_t>> counters_of(const std::string& answers, const Keys& keys);

/// The first and the last request of a capture.
struct CaptureSpan {
    Timestamp first;
    Timestamp last;
    std::uint64_t exchanges = 0;
    std::uint64_t system_identifier = 0;  ///< of the recorded server
    [[nodiscard]] Duration length() const { return last - first; }
};
/// Reads the whole capture. Errors: those of its files; Errc::usage when nothing was asked in it.
Result<CaptureSpan> span_of(const std::string& capture, const Keys& keys);

}  // namespace understudy::app
