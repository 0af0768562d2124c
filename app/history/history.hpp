#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compare/history/run_record.hpp"
#include "core/base/error.hpp"

namespace understudy::app {

/// Which runs, newest first.
struct RunFilter {
    static constexpr std::size_t kMaxLimit = 10'000;
    std::string job;      ///< empty: of all jobs
    std::string verdict;  ///< empty: any
    bool releases_only = false;
    std::string before;  ///< an id: only older runs, for the next page; empty: from the newest
    std::size_t limit = 50;
};

struct RunPage {
    std::vector<compare::RunSummary> runs;
    bool more = false;  ///< there are older ones
};

/// Something in a directory that should have been a run.
struct SkippedRun {
    std::string name;
    std::string why;
};

/// Where runs are kept. One thread at a time; several programs may use one place at once. Errors: Errc::usage for an id
/// that no run has; Errc::io when the place cannot be read or written; Errc::malformed for a damaged run that was asked for
/// by its id (lists leave it out and count it in skipped()); Errc::unsupported for a run of a newer version.
class History {
public:
    History() = default;
    virtual ~History() = default;
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    /// Keeps a run: whole, or not at all. Errors: Errc::usage when there is a run with this id already, or it is past the
    /// limits of RunRecord.
    virtual Result<void> add(const compare::RunRecord& run) = 0;
    virtual Result<RunPage> list(const RunFilter& filter) = 0;
    virtual Result<compare::RunRecord> read(const std::string& id) = 0;
    /// The findings of runs and what was asked in them, newest first: what compare/history compares nights by.
    virtual Result<std::vector<compare::ObservedRun>> observed(const RunFilter& filter) = 0;
    /// One statement over the runs that have its times, oldest first.
    virtual Result<std::vector<compare::LatencyPoint>> latency(const std::string& fingerprint, const RunFilter& filter) = 0;
    /// All statements over these runs, oldest run first and within it by fingerprint; `statement` is left empty.
    virtual Result<std::vector<compare::LatencyPoint>> latencies(const RunFilter& filter) = 0;

    /// Names the release that a run was; an empty name takes the mark away.
    virtual Result<void> mark_release(const std::string& id, const std::string& name) = 0;
    /// Keeps a certificate with a run, in place of an earlier one. Errors: Errc::usage when it is empty or past
    /// RunRecord::kMaxText.
    virtual Result<void> keep_certificate(const std::string& id, const std::string& text) = 0;
    virtual Result<std::optional<std::string>> certificate(const std::string& id) = 0;
    virtual Result<void> remove(const std::string& id) = 0;

    /// What the last question found and could not read.
    [[nodiscard]] virtual std::vector<SkippedRun> skipped() const = 0;
    /// For messages: the directory, or server and database, without a password.
    [[nodiscard]] virtual std::string where() const = 0;
    /// Whether others than this machine's users can read it: what it keeps must have no values then.
    [[nodiscard]] virtual bool leaves_the_machine() const = 0;
};

}  // namespace understudy::app
