#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capture/log/log_report.hpp"
#include "core/base/error.hpp"
#include "core/exchange/result_digest.hpp"
#include "core/model/event.hpp"

namespace understudy::capture {

struct LogOptions {
    std::vector<std::string> files;          ///< in any order; plain, gzip or Zstandard
    std::optional<std::string> line_prefix;  ///< of stderr logs: the server's log_line_prefix; else it is guessed
    std::optional<LogFormat> format;         ///< else each file's content tells
    ResultsPolicy policy = ResultsPolicy::digest;
    std::optional<int> parameter_max_length;  ///< the server's log_parameter_max_length; else "…..." is taken as cut
    std::int32_t unknown_zone_east = 0;       ///< seconds, for zones whose abbreviation says too little
};

/// A file as its beginning shows it.
struct SurveyedLog {
    std::string path;
    LogFormat format = LogFormat::csv;
    std::string line_prefix;
    bool prefix_guessed = false;
    Timestamp first;           ///< of its first entry; unknown when its beginning holds none
    std::string duplicate_of;  ///< another file begins with the same entries: this one is not read
};

struct LogSurvey {
    std::vector<SurveyedLog> files;  ///< in the order in which they are to be read: by their first entry
    Duration clock_uncertainty;      ///< for the capture's header
};

/// Reads the beginning of each file: its format, its line prefix, its place among the others. Errors: Errc::io;
/// Errc::usage when a file is no log of PostgreSQL's as far as can be seen, when a line prefix cannot be guessed, and
/// when the files are of several formats, which would tell everything twice.
Result<LogSurvey> survey_logs(const LogOptions& options);

/// Imports logs as events, in order of time (TimeOrder); a Counters event comes last. Lines that cannot be read and
/// entries that become no event are counted in the report. A damaged or cut file is read as far as it goes. Errors:
/// those of survey_logs().
Result<LogReport> import_logs(const LogOptions& options, const Digester& digester, EventSink& sink);

}  // namespace understudy::capture
