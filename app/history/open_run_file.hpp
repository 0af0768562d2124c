#pragma once

#include <string>

#include "compare/history/run_file.hpp"

namespace understudy::app {

/// A run's file, open for reading: its head is read, its parts when they are asked for. A file that is removed meanwhile
/// stays readable.
class OpenRunFile {
public:
    /// Errors: Errc::end_of_file when there is no such file; Errc::io; Errc::malformed, Errc::unsupported of what is no
    /// run, is cut, or is that of another id than its name says.
    static Result<OpenRunFile> open(const std::string& path, const std::string& id);
    OpenRunFile(OpenRunFile&& other) noexcept;
    OpenRunFile& operator=(OpenRunFile&&) = delete;
    ~OpenRunFile();

    [[nodiscard]] const compare::RunFileHead& head() const { return head_; }
    /// Errors: Errc::io; Errc::malformed when its checksum is another.
    [[nodiscard]] Result<std::string> part(compare::RunPart which) const;
    /// Its size in bytes.
    [[nodiscard]] std::uint64_t bytes() const { return head_.file_bytes(); }

private:
    OpenRunFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    [[nodiscard]] Result<std::string> read_at(std::uint64_t offset, std::uint64_t bytes) const;
    int descriptor_ = -1;
    std::string path_;
    compare::RunFileHead head_;
};

}  // namespace understudy::app
