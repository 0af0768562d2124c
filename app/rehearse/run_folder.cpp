#include "app/rehearse/run_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

namespace understudy::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "understudy-rehearsal-";
constexpr const char* kMark = ".understudy-rehearsal";

fs::path temporary_directory() {
    std::error_code error;
    const fs::path base = fs::temp_directory_path(error);
    return error ? fs::path("/tmp") : base;
}

/// Opens the mark of a folder: a plain file of our own. -1: it has none.
int open_mark(const std::string& folder) {
    struct stat folder_facts {};
    if (::lstat(folder.c_str(), &folder_facts) != 0 || !S_ISDIR(folder_facts.st_mode)) return -1;
    if (folder_facts.st_uid != ::geteuid()) return -1;
    const int file = ::open((folder + "/" + kMark).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct stat facts {};
    if (file >= 0 && ::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == ::geteuid()) return file;
    if (file >= 0) ::close(file);
    return -1;
}

double age_of(const std::string& folder) {
    std::error_code error;
    const auto written = fs::last_write_time(folder + "/" + kMark, error);
    if (error) return 0;
    return std::chrono::duration<double>(fs::file_time_type::clock::now() - written).count();
}

}  // namespace

Result<RunFolder> RunFolder::make(const std::string& named) {
    std::error_code error;
    if (!named.empty()) {
        fs::create_directories(named, error);
        if (error) return make_error(Errc::io, fmt::format("cannot make {}: {}", named, error.message()));
        return RunFolder(named);
    }
    std::string path = (temporary_directory() / (std::string(kPrefix) + "XXXXXX")).string();
    if (::mkdtemp(path.data()) == nullptr) return make_error(Errc::io, "cannot make a temporary directory: " + path);
    RunFolder folder(path);
    folder.lock_ = ::open((path + "/" + kMark).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (folder.lock_ < 0 || ::flock(folder.lock_, LOCK_EX | LOCK_NB) != 0) {
        fs::remove_all(path, error);
        return make_error(Errc::io, "cannot write into the temporary directory " + path);
    }
    return folder;
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunFolder::~RunFolder() {
    if (lock_ < 0) return;
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    ::close(lock_);
}

std::vector<FoundFolder> find_run_folders() {
    std::vector<FoundFolder> found;
    std::error_code error;
    for (fs::directory_iterator at(temporary_directory(), error), end; !error && at != end; at.increment(error)) {
        const std::string path = at->path().string();
        if (!at->path().filename().string().starts_with(kPrefix)) continue;
        const int mark = open_mark(path);
        if (mark < 0) continue;
        const bool in_use = ::flock(mark, LOCK_EX | LOCK_NB) != 0;
        found.push_back({path, in_use, age_of(path)});
        ::close(mark);
    }
    std::sort(found.begin(), found.end(), [](const FoundFolder& a, const FoundFolder& b) { return a.path < b.path; });
    return found;
}

Result<void> remove_run_folder(const std::string& path) {
    const int mark = open_mark(path);
    if (mark < 0) return make_error(Errc::refused, path + " does not carry the mark of a rehearsal");
    std::error_code error;
    const bool ours = ::flock(mark, LOCK_EX | LOCK_NB) == 0;
    if (ours) fs::remove_all(path, error);
    ::close(mark);
    if (!ours) return make_error(Errc::refused, path + " is in use by a running rehearsal");
    if (error) return make_error(Errc::io, fmt::format("cannot remove {}: {}", path, error.message()));
    return {};
}

}  // namespace understudy::app
