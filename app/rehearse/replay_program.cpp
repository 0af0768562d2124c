#include "app/rehearse/replay_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "app/command.hpp"
#include "app/process/target_for_child.hpp"
#include "app/replay/login_failure_text.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kShownOutput = 1000;  // of a message
constexpr std::size_t kShownMessages = 2;

/// What the replay said with its name before it, and the command that it ran.
std::vector<std::string> messages_in(const std::string& output) {
    std::vector<std::string> messages;
    std::size_t begin = 0;
    while (begin < output.size()) {
        const std::size_t end = std::min(output.find('\n', begin), output.size());
        std::string_view line = std::string_view(output).substr(begin, end - begin);
        if (line.starts_with("run: ")) line.remove_prefix(5);
        if (line.starts_with("understudy: ")) messages.emplace_back(line.substr(12, kShownOutput));
        begin = end + 1;
    }
    return messages;
}

std::vector<std::string> login_failures_in(const std::vector<std::string>& messages) {
    std::vector<std::string> found;
    std::copy_if(messages.begin(), messages.end(), std::back_inserter(found),
                 [](const std::string& message) { return message.starts_with(kLoginFailed); });
    return found;
}

/// Why the replay ended: the last of its messages, and first of all whom the target did not let in.
std::string last_words(std::vector<std::string> messages) {
    std::vector<std::string> shown = login_failures_in(messages);
    if (shown.size() > kShownMessages) shown.resize(kShownMessages);
    std::erase_if(messages, [](const std::string& message) { return message.starts_with(kLoginFailed); });
    shown.insert(shown.end(), messages.end() - static_cast<long>(std::min(messages.size(), kShownMessages)),
                 messages.end());
    return fmt::format("{}", fmt::join(shown, "; "));
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
    add_if(arguments, "--progress-json", options.progress_json);
    add_each(arguments, "--key", options.keys.files);
    arguments.insert(arguments.end(), job.more.begin(), job.more.end());
    return arguments;
}

Result<ReplaySaid> run_replay_job(const RehearseOptions& options, const ReplayJob& job,
                                  const std::function<bool()>& stop) {
    UNDERSTUDY_TRY(const TargetForChild target, target_for_child(job.target));
    ReplayJob told = job;
    told.target = target.conninfo;
    UNDERSTUDY_TRY(const auto ends, run_pipeline({Program{replay_arguments(options, told), target.environment}}, stop));
    const ProgramEnd& end = ends.back();
    if (end.stopped) return make_error(Errc::inconclusive, "stopped before the end; copies were dropped");
    const std::vector<std::string> messages = messages_in(end.output);
    if (end.exit_code == kPassed) return ReplaySaid{login_failures_in(messages)};
    return make_error(end.exit_code == kInconclusive ? Errc::inconclusive : Errc::io,
                      fmt::format("the replay ended with exit code {}: {}", end.exit_code, last_words(messages)));
}

}  // namespace understudy::app
