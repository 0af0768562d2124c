#include "app/process/programs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

namespace understudy::app {
namespace {

constexpr std::size_t kMaxOutput = 64 * 1024;
constexpr std::size_t kMaxLine = 4096;
constexpr int kPollMs = 50;
constexpr int kPollsToKill = 40;  // two seconds after SIGTERM
constexpr int kMaxRest = 1000;    // reads once a program has ended

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() { reset(); }
    void reset() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_ = -1;
};

struct Pipe {
    Descriptor read;
    Descriptor write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return make_error(Errc::io, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    }
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

struct Running {
    pid_t child = 0;
    Descriptor output;
    std::optional<int> status;
    int end_signal = SIGTERM;
    std::string line;  // of its output, as far as it has come
    ProgramEnd end;
};

Result<pid_t> spawn(const Program& program, pid_t group, int input, int output, int errors) {
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
    for (const auto& [name, value] : program.environment) {
        std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(name + "="); });
        environment.push_back(fmt::format("{}={}", name, value));
    }
    const auto pointers_of = [](std::vector<std::string>& texts) {
        std::vector<char*> pointers;
        for (std::string& text : texts) pointers.push_back(text.data());
        pointers.push_back(nullptr);
        return pointers;
    };
    std::vector<std::string> arguments = program.arguments;
    const std::vector<char*> argument_pointers = pointers_of(arguments);
    const std::vector<char*> environment_pointers = pointers_of(environment);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    if (input >= 0) {
        posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    } else {
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&defaults, signal);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, group);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    pid_t child = 0;
    const int failed = posix_spawnp(&child, arguments.front().c_str(), &files, &attributes, argument_pointers.data(),
                                    environment_pointers.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) {
        return make_error(Errc::io, fmt::format("cannot run {}: {}", program.arguments.front(), std::strerror(failed)));
    }
    return child;
}

/// Starts all of them. When one cannot be started, those before it find their pipe closed and end.
Result<void> start(const std::vector<Program>& programs, std::vector<Running>& running) {
    Descriptor input;
    for (std::size_t i = 0; i < programs.size(); ++i) {
        UNDERSTUDY_TRY(Pipe told, make_pipe());
        Pipe next;
        if (i + 1 < programs.size()) {
            UNDERSTUDY_TRY(Pipe made, make_pipe());
            next = std::move(made);
        }
        const int output = next.write.get() >= 0 ? next.write.get() : told.write.get();
        // A group for each: the first may have ended before the last starts, and its group with it.
        UNDERSTUDY_TRY(const pid_t child, spawn(programs[i], 0, input.get(), output, told.write.get()));
        Running& entry = running.emplace_back();
        entry.child = child;
        entry.end_signal = programs[i].end_signal;
        entry.output = std::move(told.read);
        input = std::move(next.read);
    }
    return {};
}

void end_line(Running& program, const OutputLine& on_line) {
    if (on_line) on_line(program.line);
    program.line.clear();
}

void read_some(Running& program, const OutputLine& on_line) {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(program.output.get(), buffer.data(), buffer.size());
    if (count <= 0) {
        program.output.reset();
        return;
    }
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(count));
    const std::size_t room = kMaxOutput - program.end.output.size();
    program.end.output.append(piece.substr(0, room));
    for (const char c : piece) {
        if (c == '\n' || program.line.size() >= kMaxLine) end_line(program, on_line);
        if (c != '\n') program.line += c;
    }
}

/// Reads what has come within the time of a poll, and looks who has ended; false once all have.
bool go_on(std::vector<Running>& running, const OutputLine& on_line) {
    std::vector<pollfd> waiting;
    for (const Running& program : running) waiting.push_back({program.output.get(), POLLIN, 0});
    ::poll(waiting.data(), waiting.size(), kPollMs);
    bool any = false;
    for (std::size_t i = 0; i < running.size(); ++i) {
        Running& program = running[i];
        if (waiting[i].revents != 0) read_some(program, on_line);
        int status = 0;
        if (!program.status && ::waitpid(program.child, &status, WNOHANG) != 0) program.status = status;
        any = any || !program.status;
    }
    return any;
}

void end_all(const std::vector<Running>& running, bool kill) {
    for (const Running& program : running) {
        if (!program.status) ::kill(-program.child, kill ? SIGKILL : program.end_signal);
    }
}

}  // namespace

Result<std::vector<ProgramEnd>> run_pipeline(const std::vector<Program>& programs, const std::function<bool()>& stop,
                                             const OutputLine& on_line) {
    std::vector<Running> running;
    const Result<void> started = start(programs, running);
    bool stopped = false;
    int polls = 0;
    while (go_on(running, on_line)) {
        if (!stopped && (!started || stop())) {
            stopped = true;
            end_all(running, false);
        }
        if (stopped && ++polls == kPollsToKill) end_all(running, true);
    }
    if (!started) return started.error();
    std::vector<ProgramEnd> ends;
    for (Running& program : running) {
        // What was written last may still be in the pipe; what a program left running may hold it open for ever.
        pollfd rest{program.output.get(), POLLIN, 0};
        for (int i = 0; i < kMaxRest && program.output.get() >= 0 && ::poll(&rest, 1, 0) > 0; ++i) {
            read_some(program, on_line);
        }
        if (!program.line.empty()) end_line(program, on_line);
        const int status = *program.status;
        program.end.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        program.end.stopped = stopped;
        ends.push_back(std::move(program.end));
    }
    return ends;
}

}  // namespace understudy::app
