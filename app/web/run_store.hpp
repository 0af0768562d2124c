#pragma once

#include <string>
#include <vector>

#include "app/service/run_record.hpp"

namespace understudy::app {

/// Runs on disk: a directory each below STATE/runs, with run.json, report.json, report.html, progress.jsonl and
/// log.txt.
class RunStore {
public:
    static constexpr std::size_t kMaxReport = 128U << 20U;  ///< bytes that are read of a report

    /// Makes what is missing, for this user only. Errors: Errc::io.
    static Result<RunStore> open(const std::string& state_directory);

    /// Writes run.json, whole or not at all; makes the run's directory. Errors: Errc::io.
    Result<void> save(const service::RunRecord& run) const;
    /// All that can be read, by their ids; `unreadable` gets the names of the others.
    std::vector<service::RunRecord> load(std::vector<std::string>& unreadable) const;

    [[nodiscard]] std::string file(const std::string& run, const char* name) const {
        return directory_ + "/" + run + "/" + name;
    }
    [[nodiscard]] bool has_report(const std::string& run) const;
    /// Errors: Errc::io, Errc::limit for one that is too long to be shown.
    [[nodiscard]] Result<std::string> report(const std::string& run, const char* name = "report.json") const;
    /// The end of what the run said on standard error: its last own message.
    [[nodiscard]] std::string last_words(const std::string& run) const;

private:
    explicit RunStore(std::string directory) : directory_(std::move(directory)) {}
    std::string directory_;
};

}  // namespace understudy::app
