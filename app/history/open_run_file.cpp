#include "app/history/open_run_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace understudy::app {
namespace {

constexpr std::uint64_t kFirstRead = 4096;  // enough for the head of most

Error unreadable(const std::string& path) {
    return make_error(errno == ENOENT ? Errc::end_of_file : Errc::io,
                      fmt::format("cannot read {}: {}", path, std::strerror(errno)));
}

}  // namespace

Result<OpenRunFile> OpenRunFile::open(const std::string& path, const std::string& id) {
    // Not a link, and not what blocks: anybody may have put something there.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return unreadable(path);
    OpenRunFile file(descriptor, path);
    struct stat status = {};
    if (::fstat(descriptor, &status) != 0) return unreadable(path);
    if (!S_ISREG(status.st_mode)) return make_error(Errc::malformed, path + " is no file");
    const auto size = static_cast<std::uint64_t>(status.st_size);
    std::string beginning;
    for (std::uint64_t most = kFirstRead;; most = compare::kMaxRunHead) {
        UNDERSTUDY_TRY(beginning, file.read_at(0, std::min(size, most)));
        if (most == compare::kMaxRunHead || beginning.find('\n') != std::string::npos) break;
    }
    auto head = compare::parse_run_head(beginning);
    if (!head) return make_error(head.error().code, fmt::format("{}: {}", path, head.error().message));
    if (head->summary.id != id) return make_error(Errc::malformed, fmt::format("{} holds the run {}", path, head->summary.id));
    if (head->file_bytes() != size) {
        return make_error(Errc::malformed, fmt::format("{} is {}: {} bytes of {}", path,
                                                       size < head->file_bytes() ? "cut" : "too long", size, head->file_bytes()));
    }
    file.head_ = std::move(*head);
    return file;
}

OpenRunFile::OpenRunFile(OpenRunFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)), head_(std::move(other.head_)) {}

OpenRunFile::~OpenRunFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> OpenRunFile::read_at(std::uint64_t offset, std::uint64_t bytes) const {
    std::string text(bytes, '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t got = ::pread(descriptor_, text.data() + done, text.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(path_);
        if (got == 0) return make_error(Errc::malformed, path_ + " was cut while it was read");
        done += static_cast<std::size_t>(got);
    }
    return text;
}

Result<std::string> OpenRunFile::part(compare::RunPart which) const {
    const auto& place = head_.of(which);
    UNDERSTUDY_TRY(std::string text, read_at(place.offset, place.bytes));
    if (!compare::is_part(place, text)) return make_error(Errc::malformed, path_ + " is damaged");
    return text;
}

}  // namespace understudy::app
