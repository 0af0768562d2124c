#include "app/process/postgres_tools.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "app/process/programs.hpp"

namespace understudy::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "(PostgreSQL) ";

bool is_program(const std::string& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

/// The bin directories below `parent` whose name begins with `prefix`, the highest number first.
std::vector<std::string> installed(const std::string& parent, std::string_view prefix) {
    std::vector<std::pair<int, std::string>> found;
    std::error_code error;
    for (fs::directory_iterator entry(parent, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (std::string_view(name).substr(0, prefix.size()) != prefix) continue;
        int major = 0;
        const auto parsed = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), major);
        if (parsed.ec == std::errc()) found.emplace_back(major, entry->path().string() + "/bin");
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> directories;
    for (auto& [major, directory] : found) directories.push_back(std::move(directory));
    return directories;
}

/// The tools of one directory; empty where one is missing or does not tell its version.
std::vector<PostgresTool> tools_in(const std::string& directory, const std::vector<std::string>& names) {
    std::vector<PostgresTool> tools;
    for (const std::string& name : names) {
        const std::string path = directory + "/" + name;
        if (!is_program(path)) return {};
        const auto ends = run_pipeline({Program{{path, "--version"}, {}}}, [] { return false; });
        if (!ends || ends->front().exit_code != 0) return {};
        PostgresTool tool = parse_tool_version(ends->front().output);
        if (tool.major == 0) return {};
        tool.path = path;
        tools.push_back(std::move(tool));
    }
    return tools;
}

}  // namespace

PostgresTool parse_tool_version(const std::string& text) {
    PostgresTool tool;
    const std::size_t mark = text.find(kMark);
    if (mark == std::string::npos) return tool;
    const std::size_t begin = mark + kMark.size();
    tool.version = text.substr(begin, text.find('\n', begin) - begin);
    std::from_chars(tool.version.data(), tool.version.data() + tool.version.size(), tool.major);
    return tool;
}

std::vector<std::string> tool_directories(const std::string& given) {
    if (!given.empty()) return {given};
    std::vector<std::string> directories;
    if (const char* path = std::getenv("PATH")) {
        std::string_view rest = path;
        while (!rest.empty()) {
            const std::size_t colon = rest.find(':');
            if (colon != 0) directories.emplace_back(rest.substr(0, colon));
            rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
        }
    }
    for (auto& directory : installed("/usr/lib/postgresql", "")) directories.push_back(std::move(directory));
    for (auto& directory : installed("/usr", "pgsql-")) directories.push_back(std::move(directory));
    directories.emplace_back("/usr/local/pgsql/bin");
    return directories;
}

Result<std::vector<PostgresTool>> find_postgres_tools(const std::vector<std::string>& names, const std::string& given,
                                                      int min_major) {
    std::vector<PostgresTool> newer;
    std::string too_old;
    for (const std::string& directory : tool_directories(given)) {
        std::vector<PostgresTool> tools = tools_in(directory, names);
        if (tools.empty()) continue;
        const int major = std::min_element(tools.begin(), tools.end(), [](const auto& a, const auto& b) {
                              return a.major < b.major;
                          })->major;
        if (major == min_major) return tools;
        if (major < min_major) {
            too_old += fmt::format("{}{} {}", too_old.empty() ? "" : ", ", tools.front().path, tools.front().version);
        } else if (newer.empty()) {
            newer = std::move(tools);
        }
    }
    if (!newer.empty()) return newer;
    const std::string what = fmt::format("{}", fmt::join(names, " and "));
    if (!too_old.empty()) {
        return make_error(Errc::io,
                          fmt::format("the {} found are older than the server, which is PostgreSQL {} ({}): install "
                                      "the client programs of version {} or newer, or say where they are with "
                                      "--postgres-bin DIR",
                                      what, min_major, too_old, min_major));
    }
    return make_error(Errc::io,
                      fmt::format("{} {} not found {}: install PostgreSQL's programs, or say where they are with "
                                  "--postgres-bin DIR",
                                  what, names.size() == 1 ? "was" : "were",
                                  given.empty() ? "in PATH or below /usr/lib/postgresql" : "in " + given));
}

}  // namespace understudy::app
