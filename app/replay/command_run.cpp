#include "app/replay/command_run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>

extern char** environ;

namespace understudy::app {
namespace {

constexpr int kPollMs = 50;
constexpr int kPollsToKill = 40;  // two seconds after SIGTERM
constexpr std::size_t kMaxLine = 4096;
constexpr int kMaxRest = 1000;  // reads once it has ended

/// The ends of a pipe, closed when they go out of scope.
struct Pipe {
    std::array<int, 2> ends{-1, -1};
    Pipe() = default;
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    void close_end(std::size_t end) {
        if (ends.at(end) >= 0) ::close(ends.at(end));
        ends.at(end) = -1;
    }
};

/// Shows output line by line.
class Lines {
public:
    void add(const char* bytes, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            if (bytes[i] == '\n' || line_.size() >= kMaxLine) show();
            if (bytes[i] != '\n') line_ += bytes[i];
        }
    }
    void end() {
        if (!line_.empty()) show();
    }

private:
    void show() {
        fmt::print(stderr, "run: {}\n", line_);
        line_.clear();
    }
    std::string line_;
};

Result<pid_t> spawn(const std::string& command, const std::vector<std::pair<std::string, std::string>>& variables,
                    int output) {
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
    for (const auto& [name, value] : variables) {
        std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(name + "="); });
        environment.push_back(fmt::format("{}={}", name, value));
    }
    std::vector<char*> pointers;
    for (std::string& entry : environment) pointers.push_back(entry.data());
    pointers.push_back(nullptr);
    std::string shell = "sh";
    std::string option = "-c";
    std::string text = command;
    const std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&defaults, signal);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    pid_t child = 0;
    const int failed = posix_spawn(&child, "/bin/sh", &files, &attributes, arguments.data(), pointers.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) return make_error(Errc::io, fmt::format("cannot run /bin/sh: {}", std::strerror(failed)));
    return child;
}

/// Shows what has come within the time of a poll; false at the output's end.
bool show_output(int output, Lines& lines) {
    pollfd waiting{output, POLLIN, 0};
    if (::poll(&waiting, 1, kPollMs) <= 0) return true;
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(output, buffer.data(), buffer.size());
    if (count > 0) lines.add(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
}

int exit_code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

Result<CommandEnd> run_command(const std::string& command,
                               const std::vector<std::pair<std::string, std::string>>& variables,
                               const std::function<bool()>& stop) {
    Pipe output;
    if (::pipe2(output.ends.data(), O_CLOEXEC) != 0) {
        return make_error(Errc::io, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    }
    UNDERSTUDY_TRY(const pid_t child, spawn(command, variables, output.ends[1]));
    output.close_end(1);
    CommandEnd end;
    Lines lines;
    int polls_since_stop = 0;
    int status = 0;
    // What it started in the background may keep the output open: its own end is what counts.
    while (::waitpid(child, &status, WNOHANG) == 0) {
        if (output.ends[0] < 0) {
            ::poll(nullptr, 0, kPollMs);
        } else if (!show_output(output.ends[0], lines)) {
            output.close_end(0);
        }
        if (!end.stopped && stop()) {
            end.stopped = true;
            ::kill(-child, SIGTERM);
        }
        if (end.stopped && ++polls_since_stop == kPollsToKill) ::kill(-child, SIGKILL);
    }
    for (int i = 0; i < kMaxRest && output.ends[0] >= 0; ++i) {
        pollfd rest{output.ends[0], POLLIN, 0};
        if (::poll(&rest, 1, 0) <= 0 || !show_output(output.ends[0], lines)) break;
    }
    lines.end();
    end.exit_code = exit_code_of(status);
    return end;
}

}  // namespace understudy::app
