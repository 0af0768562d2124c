#include "app/web/run_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

#include "app/process/programs.hpp"
#include "app/web/process_table.hpp"

namespace understudy::app {
namespace {

constexpr int kKillRounds = 50;
constexpr auto kBetweenRounds = std::chrono::milliseconds(100);
constexpr Duration kCleanTime = Duration::seconds(60);
constexpr int kCleanRounds = 20;
constexpr auto kBetweenCleans = std::chrono::milliseconds(500);

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// What `clean` counts, of its last line: "2 scratch databases dropped, 1 kept".
struct CleanCounts {
    unsigned long dropped = 0;
    unsigned long kept = 0;
};

Result<CleanCounts> clean_once(const std::string& own_program, const std::string& target) {
    const Timestamp begin = system_clock().now();
    const auto too_long = [&] { return system_clock().now() - begin > kCleanTime; };
    UNDERSTUDY_TRY(const auto ends, run_pipeline({Program{{own_program, "clean", "--target", target}, {}}}, too_long));
    std::string said = ends.back().output;
    while (!said.empty() && said.back() == '\n') said.pop_back();
    const std::size_t last = said.rfind('\n');
    if (last != std::string::npos) said = said.substr(last + 1);
    CleanCounts counts;
    if (ends.back().exit_code == 0 &&
        std::sscanf(said.c_str(), "%lu scratch databases dropped, %lu kept", &counts.dropped, &counts.kept) == 2) {
        return counts;
    }
    return make_error(Errc::io, said);
}

}  // namespace

Result<service::ProcessIdentity> start_process(const RunCommand& command) {
    std::error_code ignored;
    std::filesystem::create_directories(command.scratch, ignored);
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with("TMPDIR=") && !std::string_view(*entry).starts_with("TZ="))
            environment.emplace_back(*entry);
    }
    environment.push_back("TMPDIR=" + command.scratch);
    std::vector<std::string> arguments = command.arguments;
    const auto argument_pointers = pointers_to(arguments);
    const auto environment_pointers = pointers_to(environment);

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, command.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    // A listening socket that a child kept would keep the next service from its port.
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(&files, command.directory.c_str());
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&defaults, signal);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    pid_t child = 0;
    const int failed = posix_spawn(&child, arguments.front().c_str(), &files, &attributes, argument_pointers.data(),
                                   environment_pointers.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0)
        return make_error(Errc::io, fmt::format("cannot start {}: {}", arguments.front(), std::strerror(failed)));
    // Ended already: reap() will say how.
    return find_process(child).value_or(service::ProcessIdentity{child, 0, {}});
}

std::optional<int> reap(const service::ProcessIdentity& process) {
    int status = 0;
    const pid_t ended = ::waitpid(static_cast<pid_t>(process.pid), &status, WNOHANG);
    if (ended == 0) return std::nullopt;
    if (ended < 0) return 128 + SIGKILL;  // no child of ours any more: nobody can say how it ended
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void kill_all_with(const std::string& word) {
    for (int round = 0; round < kKillRounds; ++round) {
        const auto left = processes_with(word);
        if (left.empty()) return;
        for (const auto& process : left) signal_process(process, SIGKILL);
        std::this_thread::sleep_for(kBetweenRounds);
    }
}

Result<std::string> clean_target(const std::string& own_program, const std::string& target) {
    unsigned long dropped = 0;
    for (int round = 1;; ++round) {
        UNDERSTUDY_TRY(const CleanCounts counts, clean_once(own_program, target));
        dropped += counts.dropped;
        if (counts.kept == 0 || round == kCleanRounds) {
            return fmt::format("{} scratch databases dropped, {} kept", dropped, counts.kept);
        }
        std::this_thread::sleep_for(kBetweenCleans);
    }
}

}  // namespace understudy::app
