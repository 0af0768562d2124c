#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/store/byte_io.hpp"

namespace understudy::store {
namespace {

Error system_error(const char* what, const std::string& path) {
    return make_error(Errc::io, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

class FileSink final : public ByteSink {
public:
    FileSink(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
    ~FileSink() override { ::close(fd_); }
    FileSink(const FileSink&) = delete;
    FileSink& operator=(const FileSink&) = delete;

    Result<void> append(BytesView bytes) override {
        std::size_t written = 0;
        while (written < bytes.size()) {
            const ssize_t n = ::write(fd_, bytes.data() + written, bytes.size() - written);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) {
                const Error error = system_error("write to", path_);
                // A part of the bytes would be damage; what was whole before stays whole.
                if (regular_ && ::ftruncate(fd_, static_cast<off_t>(size_)) == 0) {
                    ::lseek(fd_, static_cast<off_t>(size_), SEEK_SET);
                }
                return error;
            }
            written += static_cast<std::size_t>(n);
        }
        size_ += bytes.size();
        return {};
    }
    Result<void> sync() override {
        if (regular_ && ::fdatasync(fd_) != 0) return system_error("write to", path_);
        return {};
    }
    [[nodiscard]] std::uint64_t size() const override { return size_; }

    void set_regular(bool regular) { regular_ = regular; }

private:
    int fd_;
    std::string path_;
    std::uint64_t size_ = 0;
    bool regular_ = true;
};

class FileSource final : public ByteSource {
public:
    FileSource(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
    ~FileSource() override { ::close(fd_); }
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

    Result<void> read(std::size_t count, Bytes& out) override {
        const std::size_t before = out.size();
        out.resize(before + count);
        std::size_t done = 0;
        while (done < count) {
            const ssize_t n = ::read(fd_, out.data() + before + done, count - done);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) {
                out.resize(before);
                return system_error("read", path_);
            }
            if (n == 0) break;
            done += static_cast<std::size_t>(n);
        }
        out.resize(before + done);
        return {};
    }
    [[nodiscard]] std::string name() const override { return path_; }

private:
    int fd_;
    std::string path_;
};

class MemorySource final : public ByteSource {
public:
    explicit MemorySource(BytesView bytes) : bytes_(bytes) {}
    Result<void> read(std::size_t count, Bytes& out) override {
        const std::size_t take = std::min(count, bytes_.size());
        out.append(bytes_.substr(0, take));
        bytes_.remove_prefix(take);
        return {};
    }
    [[nodiscard]] std::string name() const override { return "memory"; }

private:
    BytesView bytes_;
};

}  // namespace

Result<std::unique_ptr<ByteSink>> create_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return system_error("create", path);
    struct stat status {};
    auto sink = std::make_unique<FileSink>(fd, path);
    sink->set_regular(::fstat(fd, &status) == 0 && S_ISREG(status.st_mode));
    // A file that was there before may be readable by others; what is in it now is not for them.
    if (S_ISREG(status.st_mode) && ::fchmod(fd, 0600) != 0) return system_error("protect", path);
    return std::unique_ptr<ByteSink>(std::move(sink));
}

Result<std::unique_ptr<ByteSource>> open_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return system_error("open", path);
    return std::unique_ptr<ByteSource>(std::make_unique<FileSource>(fd, path));
}

std::unique_ptr<ByteSource> source_of(BytesView bytes) { return std::make_unique<MemorySource>(bytes); }

}  // namespace understudy::store
