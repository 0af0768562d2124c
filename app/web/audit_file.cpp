#include "app/web/audit_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "compare/report/time_text.hpp"

namespace understudy::app {

Result<void> AuditFile::append(const AuditEntry& entry, Timestamp now) {
    std::error_code error;
    if (std::filesystem::file_size(path_, error) > kMaxBytes && !error) {
        std::filesystem::rename(path_, fmt::format("{}.{}", path_, now.ns() / 1'000'000'000), error);
    }
    const nlohmann::json json{{"at", compare::utc_text(now)}, {"who", entry.who},   {"role", entry.role},
                              {"peer", entry.peer},           {"what", entry.what}, {"status", entry.status},
                              {"detail", entry.detail}};
    const std::string line = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    const int fd = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const bool written = fd >= 0 && ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    const int reason = errno;
    if (fd >= 0) ::close(fd);
    if (!written) return make_error(Errc::io, fmt::format("cannot write {}: {}", path_, std::strerror(reason)));
    return {};
}

std::string AuditFile::tail(std::size_t lines) const {
    constexpr std::streamoff kMostBytes = 1 << 20;
    std::ifstream file(path_, std::ios::binary);
    file.seekg(0, std::ios::end);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : 0;
    file.seekg(std::max<std::streamoff>(0, size - kMostBytes));
    std::string line;
    if (size > kMostBytes) std::getline(file, line);  // a part of one
    std::deque<std::string> kept;
    while (std::getline(file, line)) {
        kept.push_back(line);
        if (kept.size() > lines) kept.pop_front();
    }
    return fmt::format("{}", fmt::join(kept, ","));
}

}  // namespace understudy::app
