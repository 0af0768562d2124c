#include "app/history/show_run.hpp"

#include <fmt/format.h>

#include "app/command.hpp"

namespace understudy::app {

bool looks_like_finding(const std::string& text) {
    // An f and eight hexadecimal digits, or what a person made of it.
    const bool hexadecimal = text.find_first_not_of("0123456789abcdef") == std::string::npos;
    return text.starts_with("f") && hexadecimal && text.size() >= 7 && text.size() <= 9;
}

Result<int> show_run(const HistoryPlace& place, const std::string& run, const std::string& job, bool json) {
    UNDERSTUDY_TRY(const auto history, open_place(place));
    UNDERSTUDY_TRY(const std::string id, find_run_id(*history, run, job));
    UNDERSTUDY_TRY(const auto record, history->read(id));
    if (json) {
        fmt::print("{}", record.report);
        return kPassed;
    }
    const auto& summary = record.observed.summary;
    fmt::print("run {} of the job {}, kept by understudy {} {}{}\n\n{}", summary.id, summary.job, summary.command,
               summary.tool_version, summary.release.empty() ? "" : ", release " + summary.release, record.text);
    return kPassed;
}

}  // namespace understudy::app
