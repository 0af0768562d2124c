#include "app/web/process_table.hpp"

extern "C" {  // which glibc 2.36 forgets
#include <sys/pidfd.h>
}
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace understudy::app {
namespace {

constexpr int kStartField = 22;  // proc(5), /proc/pid/stat: starttime

std::string contents_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return file ? text.str() : std::string();
}

std::string boot_id() {
    std::string id = contents_of("/proc/sys/kernel/random/boot_id");
    while (!id.empty() && id.back() == '\n') id.pop_back();
    return id;
}

std::optional<std::int64_t> number_of(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<service::ProcessIdentity> find_process(std::int64_t pid) {
    const std::string stat = contents_of("/proc/" + std::to_string(pid) + "/stat");
    // The second field is the program's name in brackets, and may hold anything.
    const std::size_t name_end = stat.rfind(')');
    if (pid <= 0 || name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(stat.substr(name_end + 1));
    std::string field;
    for (int number = 3; fields >> field; ++number) {
        if (number == 3 && (field == "Z" || field == "X")) return std::nullopt;
        if (number != kStartField) continue;
        const auto start = number_of(field);
        if (!start) return std::nullopt;
        return service::ProcessIdentity{pid, static_cast<std::uint64_t>(*start), boot_id()};
    }
    return std::nullopt;
}

std::vector<service::ProcessIdentity> processes_with(const std::string& word) {
    std::vector<service::ProcessIdentity> found;
    std::error_code error;
    const std::string wanted = std::string(1, '\0') + word + std::string(1, '\0');
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
        const auto pid = number_of(entry.path().filename().string());
        if (!pid || *pid == ::getpid()) continue;
        if (contents_of("/proc/" + std::to_string(*pid) + "/cmdline").find(wanted) == std::string::npos) continue;
        if (const auto identity = find_process(*pid)) found.push_back(*identity);
    }
    return found;
}

bool signal_process(const service::ProcessIdentity& process, int signal) {
    const int handle = ::pidfd_open(static_cast<pid_t>(process.pid), 0);
    if (handle < 0) return false;
    // From here on the handle means one process: if its start is the right one, so is the process.
    const bool same = find_process(process.pid) == process;
    const bool sent = same && ::pidfd_send_signal(handle, signal, nullptr, 0) == 0;
    ::close(handle);
    return sent;
}

}  // namespace understudy::app
