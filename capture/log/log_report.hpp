#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "capture/log/log_entry.hpp"

namespace understudy::capture {

/// What was passed over for one reason.
struct LogSkipped {
    static constexpr std::size_t kMaxExamples = 3;
    std::uint64_t count = 0;
    std::vector<std::uint64_t> lines;  ///< where the first of them begin
};

struct LogFileReport {
    std::string path;
    LogFormat format = LogFormat::csv;
    std::string line_prefix;  ///< of a stderr log: the one used
    bool prefix_guessed = false;
    std::uint64_t lines = 0;
    std::uint64_t entries = 0;
    std::uint64_t statements = 0;                            ///< requests made from it
    bool half_written = false;                               ///< the last entry, or the compressed stream, is cut off
    std::map<std::string, LogSkipped, std::less<>> skipped;  ///< by reason
};

/// What an import found. Everything that became no event is in here.
struct LogReport {
    std::vector<LogFileReport> files;               ///< in the order in which they were read
    std::map<std::string, std::uint64_t> counters;  ///< as in the Counters event: "log.…"
    Duration clock_uncertainty;
};

}  // namespace understudy::capture
