#include "app/rehearse/replay_program.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "app/command.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kShownOutput = 1000;  // of a message
constexpr std::size_t kShownMessages = 2;

/// Why the replay ended, of all that it wrote: the last of its own messages, and of those of the command that it ran.
std::string last_words(const std::string& output) {
    std::vector<std::string> messages;
    std::size_t begin = 0;
    while (begin < output.size()) {
        const std::size_t end = std::min(output.find('\n', begin), output.size());
        std::string_view line = std::string_view(output).substr(begin, end - begin);
        if (line.starts_with("run: ")) line.remove_prefix(5);
        if (line.starts_with("understudy: ")) messages.emplace_back(line.substr(12, kShownOutput));
        begin = end + 1;
    }
    std::string text;
    for (std::size_t i = messages.size() - std::min(messages.size(), kShownMessages); i < messages.size(); ++i) {
        text += (text.empty() ? "" : "; ") + messages[i];
    }
    return text;
}

void add_each(std::vector<std::string>& arguments, const char* option, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
        arguments.emplace_back(option);
        arguments.push_back(value);
    }
}

void add_if(std::vector<std::string>& arguments, const char* option, const std::string& value) {
    if (!value.empty()) add_each(arguments, option, {value});
}

}  // namespace

std::string own_path() {
    std::error_code error;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? "understudy" : path.string();
}

std::string shell_word(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::vector<std::string> replay_arguments(const RehearseOptions& options, const ReplayJob& job) {
    std::vector<std::string> arguments{own_path(), "replay",  options.capture, "--target", job.target,   "--output",
                                       job.output, "--speed", job.speed,       "--sync",   options.sync, "--quiet"};
    add_if(arguments, "--credentials", options.credentials);
    if (options.impersonate) arguments.emplace_back("--impersonate");
    add_each(arguments, "--user-map", options.user_map);
    add_each(arguments, "--database-map", options.database_map);
    add_each(arguments, "--identity", options.identities);
    add_each(arguments, "--harmless", options.harmless);
    add_each(arguments, "--allow", options.allow);
    add_if(arguments, "--production-id", options.production_id);
    add_each(arguments, "--key", options.keys.files);
    arguments.insert(arguments.end(), job.more.begin(), job.more.end());
    return arguments;
}

Result<void> run_replay_job(const RehearseOptions& options, const ReplayJob& job, const std::function<bool()>& stop) {
    UNDERSTUDY_TRY(const auto ends, run_pipeline({Program{replay_arguments(options, job), {}}}, stop));
    const ProgramEnd& end = ends.back();
    if (end.stopped) return make_error(Errc::inconclusive, "stopped before the end; copies were dropped");
    if (end.exit_code == kPassed) return {};
    return make_error(end.exit_code == kInconclusive ? Errc::inconclusive : Errc::io,
                      fmt::format("the replay ended with exit code {}: {}", end.exit_code, last_words(end.output)));
}

}  // namespace understudy::app
