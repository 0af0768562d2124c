#pragma once

#include <functional>

#include "app/history/history.hpp"
#include "app/history/open_run_file.hpp"

namespace understudy::app {

/// Runs as files of a directory: ID.run, and beside it ID.release and ID.certificate where there is one. All are for their
/// owner only. A file is written under another name, brought to the disk, and then named: a program that is killed leaves a
/// whole run or none, and two that write at once do not disturb each other.
class DirectoryHistory final : public History {
public:
    static constexpr std::size_t kMaxFiles = 200'000;

    /// Makes the directory (mode 0700) where it is not there, unless `only_existing`. Errors: Errc::io.
    static Result<std::unique_ptr<DirectoryHistory>> open(const std::string& path, bool only_existing);

    Result<void> add(const compare::RunRecord& run) override;
    Result<RunPage> list(const RunFilter& filter) override;
    Result<compare::RunRecord> read(const std::string& id) override;
    Result<std::vector<compare::ObservedRun>> observed(const RunFilter& filter) override;
    Result<std::vector<compare::LatencyPoint>> latency(const std::string& fingerprint, const RunFilter& filter) override;
    Result<std::vector<compare::LatencyPoint>> latencies(const RunFilter& filter) override;
    Result<void> mark_release(const std::string& id, const std::string& name) override;
    Result<void> keep_certificate(const std::string& id, const std::string& text) override;
    Result<std::optional<std::string>> certificate(const std::string& id) override;
    Result<void> remove(const std::string& id) override;
    [[nodiscard]] std::vector<SkippedRun> skipped() const override { return skipped_; }
    [[nodiscard]] std::string where() const override { return path_; }
    [[nodiscard]] bool leaves_the_machine() const override { return false; }

private:
    /// Whether it was a run that counts; a failure sets it apart as skipped.
    using Visitor = std::function<Result<void>(const OpenRunFile&, compare::RunSummary)>;

    explicit DirectoryHistory(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] std::string file_of(const std::string& id, const char* suffix) const;
    Result<std::vector<std::string>> ids();
    Result<OpenRunFile> open_run(const std::string& id) const;
    Result<void> name_file(const std::string& from, const std::string& id) const;
    Result<void> write_beside(const std::string& id, const char* suffix, const std::string& text) const;
    Result<void> sync() const;
    void forget_cut_off() const;
    [[nodiscard]] std::string release_of(const std::string& id) const;
    Result<void> visit(const RunFilter& filter, bool& more, const Visitor& visitor);
    std::string path_;
    std::vector<SkippedRun> skipped_;
};

}  // namespace understudy::app
