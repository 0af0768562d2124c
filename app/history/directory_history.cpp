#include "app/history/directory_history.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/compare/report_files.hpp"
#include "app/compare/rules_file.hpp"

namespace understudy::app {
namespace {

namespace fs = std::filesystem;
using compare::RunPart;
using compare::RunRecord;

constexpr const char* kRun = ".run";
constexpr const char* kRelease = ".release";
constexpr const char* kCertificate = ".certificate";
constexpr const char* kUnnamed = ".new-";  // what add() has not named yet
constexpr auto kCutOff = std::chrono::hours(24);  // an unnamed file that is so much older has no writer any more

Error failed(const std::string& what, const std::string& path) {
    return make_error(Errc::io, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

Error no_such_run(const std::string& id, const std::string& where) {
    return make_error(Errc::usage, fmt::format("{} has no run {}", where, id));
}

bool is_wanted(const compare::RunSummary& summary, const RunFilter& filter) {
    return (filter.job.empty() || summary.job == filter.job) && (filter.verdict.empty() || summary.verdict == filter.verdict) &&
           (!filter.releases_only || !summary.release.empty());
}

}  // namespace

Result<std::unique_ptr<DirectoryHistory>> DirectoryHistory::open(const std::string& path, bool only_existing) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        if (only_existing) return make_error(Errc::io, fmt::format("there is no history in {}: no such directory", path));
        fs::create_directories(fs::path(path).parent_path(), error);
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", path);
    }
    return std::unique_ptr<DirectoryHistory>(new DirectoryHistory(path));
}

std::string DirectoryHistory::file_of(const std::string& id, const char* suffix) const {
    return fmt::format("{}/{}{}", path_, id, suffix);
}

Result<void> DirectoryHistory::sync() const {
    const int descriptor = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return failed("open", path_);
    const bool done = ::fsync(descriptor) == 0 || errno == EINVAL;  // some file systems have nothing to sync
    ::close(descriptor);
    return done ? Result<void>() : Result<void>(failed("write", path_));
}

/// A second name is given only where there is no such name yet, and then the first is taken away.
Result<void> DirectoryHistory::name_file(const std::string& from, const std::string& id) const {
    const std::string to = file_of(id, kRun);
    if (::link(from.c_str(), to.c_str()) == 0) return {};
    if (errno == EEXIST) return make_error(Errc::usage, fmt::format("{} has a run {} already", path_, id));
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return failed("create", to);
    // A file system without second names.
    if (::access(to.c_str(), F_OK) == 0) return make_error(Errc::usage, fmt::format("{} has a run {} already", path_, id));
    return ::rename(from.c_str(), to.c_str()) == 0 ? Result<void>() : Result<void>(failed("create", to));
}

void DirectoryHistory::forget_cut_off() const {
    std::error_code error;
    std::vector<std::pair<fs::file_time_type, fs::path>> unnamed;
    for (fs::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
        if (!entry->path().filename().string().starts_with(kUnnamed)) continue;
        const auto written = entry->last_write_time(error);
        if (!error) unnamed.emplace_back(written, entry->path());
    }
    if (unnamed.empty()) return;
    const auto newest = std::max_element(unnamed.begin(), unnamed.end())->first;
    for (const auto& [written, file] : unnamed) {
        if (newest - written > kCutOff) fs::remove(file, error);
    }
}

Result<void> DirectoryHistory::add(const RunRecord& run) {
    UNDERSTUDY_TRY(const std::string text, compare::write_run_file(run));
    const std::string& id = run.observed.summary.id;
    const std::string unnamed = fmt::format("{}/{}{}-{}", path_, kUnnamed, id, ::getpid());
    UNDERSTUDY_CHECK(write_private_file(unnamed, text));
    auto named = name_file(unnamed, id);
    forget_cut_off();
    ::unlink(unnamed.c_str());
    UNDERSTUDY_CHECK(std::move(named));
    UNDERSTUDY_CHECK(sync());
    return run.observed.summary.release.empty() ? Result<void>() : mark_release(id, run.observed.summary.release);
}

Result<std::vector<std::string>> DirectoryHistory::ids() {
    skipped_.clear();
    std::vector<std::string> found;
    std::error_code error;
    std::size_t files = 0;
    for (fs::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
        if (++files > kMaxFiles) return make_error(Errc::limit, fmt::format("{} holds more than {} files", path_, kMaxFiles));
        const std::string name = entry->path().filename().string();
        const std::string id = entry->path().stem().string();
        const std::string suffix = entry->path().extension().string();
        if (name.starts_with(".")) continue;
        const bool ours = compare::is_run_id(id) && (suffix == kRun || suffix == kRelease || suffix == kCertificate);
        if (!ours) {
            skipped_.push_back({name, "it is no file of a history"});
        } else if (suffix == kRun) {
            found.push_back(id);
        }
    }
    if (error) return make_error(Errc::io, fmt::format("cannot read {}: {}", path_, error.message()));
    std::sort(found.rbegin(), found.rend());
    return found;
}

std::string DirectoryHistory::release_of(const std::string& id) const {
    const std::string path = file_of(id, kRelease);
    if (::access(path.c_str(), F_OK) != 0) return {};
    const auto text = read_text_file(path);
    return text ? compare::plain_utf8(*text, RunRecord::kMaxName) : std::string();
}

Result<OpenRunFile> DirectoryHistory::open_run(const std::string& id) const {
    if (!compare::is_run_id(id)) return no_such_run(id, path_);
    auto file = OpenRunFile::open(file_of(id, kRun), id);
    if (!file && file.error().code == Errc::end_of_file) return no_such_run(id, path_);
    return file;
}

Result<void> DirectoryHistory::visit(const RunFilter& filter, bool& more, const Visitor& visitor) {
    UNDERSTUDY_TRY(const auto all, ids());
    std::size_t count = 0;
    more = false;
    for (const std::string& id : all) {
        if (!filter.before.empty() && id >= filter.before) continue;
        const auto file = OpenRunFile::open(file_of(id, kRun), id);
        if (!file && file.error().code == Errc::end_of_file) continue;  // removed meanwhile
        if (!file) {
            skipped_.push_back({id + kRun, file.error().message});
            continue;
        }
        compare::RunSummary summary = file->head().summary;
        summary.release = release_of(id);
        if (!is_wanted(summary, filter)) continue;
        more = count == std::min(filter.limit, RunFilter::kMaxLimit);
        if (more) break;
        const auto taken = visitor(*file, std::move(summary));
        if (taken) {
            ++count;
        } else {
            skipped_.push_back({id + kRun, taken.error().message});
        }
    }
    return {};
}

Result<RunPage> DirectoryHistory::list(const RunFilter& filter) {
    RunPage page;
    UNDERSTUDY_CHECK(visit(filter, page.more, [&](const OpenRunFile&, compare::RunSummary summary) -> Result<void> {
        page.runs.push_back(std::move(summary));
        return {};
    }));
    return page;
}

Result<RunRecord> DirectoryHistory::read(const std::string& id) {
    UNDERSTUDY_TRY(const auto file, open_run(id));
    RunRecord run;
    run.observed.summary = file.head().summary;
    run.observed.summary.release = release_of(id);
    UNDERSTUDY_TRY(const std::string findings, file.part(RunPart::findings));
    UNDERSTUDY_TRY(run.observed.findings, compare::parse_run_findings(findings));
    UNDERSTUDY_TRY(const std::string asked, file.part(RunPart::asked));
    UNDERSTUDY_TRY(run.observed.asked, compare::parse_run_asked(asked));
    UNDERSTUDY_TRY(const std::string latencies, file.part(RunPart::latencies));
    UNDERSTUDY_TRY(run.latencies, compare::parse_run_latencies(latencies));
    UNDERSTUDY_TRY(run.text, file.part(RunPart::text));
    UNDERSTUDY_TRY(run.report, file.part(RunPart::report));
    return run;
}

Result<std::vector<compare::ObservedRun>> DirectoryHistory::observed(const RunFilter& filter) {
    std::vector<compare::ObservedRun> runs;
    bool more = false;
    UNDERSTUDY_CHECK(visit(filter, more, [&](const OpenRunFile& file, compare::RunSummary summary) -> Result<void> {
        compare::ObservedRun run;
        run.summary = std::move(summary);
        UNDERSTUDY_TRY(const std::string findings, file.part(RunPart::findings));
        UNDERSTUDY_TRY(run.findings, compare::parse_run_findings(findings));
        UNDERSTUDY_TRY(const std::string asked, file.part(RunPart::asked));
        UNDERSTUDY_TRY(run.asked, compare::parse_run_asked(asked));
        runs.push_back(std::move(run));
        return {};
    }));
    return runs;
}

Result<std::vector<compare::LatencyPoint>> DirectoryHistory::latency(const std::string& fingerprint, const RunFilter& filter) {
    std::vector<compare::LatencyPoint> points;
    bool more = false;
    UNDERSTUDY_CHECK(visit(filter, more, [&](const OpenRunFile& file, const compare::RunSummary& summary) -> Result<void> {
        UNDERSTUDY_TRY(const std::string part, file.part(RunPart::latencies));
        UNDERSTUDY_TRY(auto found, compare::find_run_latency(part, fingerprint));
        if (found) points.push_back({summary.id, summary.at, std::move(*found)});
        return {};
    }));
    std::reverse(points.begin(), points.end());
    return points;
}

Result<std::vector<compare::LatencyPoint>> DirectoryHistory::latencies(const RunFilter& filter) {
    std::vector<std::vector<compare::LatencyPoint>> runs;
    bool more = false;
    UNDERSTUDY_CHECK(visit(filter, more, [&](const OpenRunFile& file, const compare::RunSummary& summary) -> Result<void> {
        UNDERSTUDY_TRY(const std::string part, file.part(RunPart::latencies));
        UNDERSTUDY_TRY(auto all, compare::parse_run_latencies(part));
        auto& points = runs.emplace_back();
        for (compare::StatementLatency& one : all) {
            one.statement.clear();
            points.push_back({summary.id, summary.at, std::move(one)});
        }
        return {};
    }));
    std::vector<compare::LatencyPoint> points;
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
        points.insert(points.end(), std::make_move_iterator(run->begin()), std::make_move_iterator(run->end()));
    }
    return points;
}

Result<void> DirectoryHistory::write_beside(const std::string& id, const char* suffix, const std::string& text) const {
    const std::string unnamed = fmt::format("{}/{}{}{}-{}", path_, kUnnamed, id, suffix, ::getpid());
    UNDERSTUDY_CHECK(write_private_file(unnamed, text));
    if (::rename(unnamed.c_str(), file_of(id, suffix).c_str()) != 0) return failed("create", file_of(id, suffix));
    return sync();
}

Result<void> DirectoryHistory::mark_release(const std::string& id, const std::string& name) {
    UNDERSTUDY_CHECK(open_run(id));
    if (name.empty()) {
        if (::unlink(file_of(id, kRelease).c_str()) != 0 && errno != ENOENT) return failed("remove", file_of(id, kRelease));
        return sync();
    }
    return write_beside(id, kRelease, compare::plain_utf8(name, RunRecord::kMaxName));
}

Result<void> DirectoryHistory::keep_certificate(const std::string& id, const std::string& text) {
    UNDERSTUDY_CHECK(open_run(id));
    if (text.empty() || text.size() > RunRecord::kMaxText) {
        return make_error(Errc::usage, "the certificate is empty, or too great");
    }
    if (text.find('\0') != std::string::npos) return make_error(Errc::usage, "the certificate is no text: it holds NUL");
    return write_beside(id, kCertificate, text);
}

Result<std::optional<std::string>> DirectoryHistory::certificate(const std::string& id) {
    UNDERSTUDY_CHECK(open_run(id));
    const std::string path = file_of(id, kCertificate);
    if (::access(path.c_str(), F_OK) != 0) return std::optional<std::string>();
    UNDERSTUDY_TRY(std::string text, read_text_file(path));
    return std::optional<std::string>(std::move(text));
}

Result<void> DirectoryHistory::remove(const std::string& id) {
    // A damaged run is removed like a sound one.
    if (!compare::is_run_id(id)) return no_such_run(id, path_);
    if (::unlink(file_of(id, kRun).c_str()) != 0) {
        return errno == ENOENT ? no_such_run(id, path_) : failed("remove", file_of(id, kRun));
    }
    for (const char* beside : {kRelease, kCertificate}) ::unlink(file_of(id, beside).c_str());
    return sync();
}

}  // namespace understudy::app
