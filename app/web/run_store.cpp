#include "app/web/run_store.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/compare/report_files.hpp"
#include "app/compare/rules_file.hpp"
#include "app/service/tokens.hpp"

namespace understudy::app {
namespace {

constexpr std::streamoff kLastWords = 4096;
constexpr std::size_t kShownWords = 600;

}  // namespace

Result<RunStore> RunStore::open(const std::string& state_directory) {
    std::error_code error;
    std::filesystem::create_directories(state_directory, error);
    const std::string runs = state_directory + "/runs";
    if (!error) std::filesystem::create_directories(runs, error);
    if (error) return make_error(Errc::io, fmt::format("cannot make {}: {}", runs, error.message()));
    ::chmod(state_directory.c_str(), 0700);
    return RunStore(std::filesystem::absolute(runs, error).lexically_normal().string());
}

Result<void> RunStore::save(const service::RunRecord& run) const {
    std::error_code error;
    std::filesystem::create_directories(directory_ + "/" + run.id, error);
    if (error) return make_error(Errc::io, fmt::format("cannot make {}/{}: {}", directory_, run.id, error.message()));
    return write_private_file(file(run.id, "run.json"), service::run_json(run));
}

std::vector<service::RunRecord> RunStore::load(std::vector<std::string>& unreadable) const {
    std::vector<service::RunRecord> runs;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
        const std::string name = entry.path().filename().string();
        const auto text = read_text_file(file(name, "run.json"));
        auto run = text ? service::parse_run(*text) : Result<service::RunRecord>(text.error());
        if (run && run->id == name) {
            runs.push_back(std::move(*run));
        } else {
            unreadable.push_back(name);
        }
    }
    std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return runs;
}

bool RunStore::has_report(const std::string& run) const {
    std::error_code ignored;
    return std::filesystem::is_regular_file(file(run, "report.json"), ignored);
}

Result<std::string> RunStore::report(const std::string& run, const char* name) const {
    std::error_code error;
    const std::string path = file(run, name);
    const auto size = std::filesystem::file_size(path, error);
    if (error) return make_error(Errc::io, "this run has no report");
    if (size > kMaxReport)
        return make_error(Errc::limit, fmt::format("the report is too long to be shown here; it lies in {}", path));
    return read_text_file(path);
}

std::string RunStore::last_words(const std::string& run) const {
    std::ifstream log(file(run, "log.txt"), std::ios::binary);
    log.seekg(0, std::ios::end);
    const std::streamoff size = log ? static_cast<std::streamoff>(log.tellg()) : 0;
    log.seekg(std::max<std::streamoff>(0, size - kLastWords));
    std::string line;
    std::string last;
    while (std::getline(log, line)) {
        if (line.starts_with("understudy: ")) last = line.substr(12, kShownWords);
    }
    return last;
}

}  // namespace understudy::app
