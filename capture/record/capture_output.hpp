#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "core/store/capture_writer.hpp"

namespace understudy::capture {

struct OutputOptions {
    std::string path;  ///< a file; with `rotating` a directory, which is made if it is not there
    bool rotating = false;
    std::size_t keep = 0;  ///< so many files of a directory; 0: all
    std::optional<store::EncryptTo> encrypt_to;
};

/// The files of one capture, one after the other. A shell: it decides nothing about when.
///
/// Files of a directory are named capture-YYYYMMDDThhmmssZ-NNNNNN.pgcap (UTC, and a number that goes up), so that their
/// names' order is that of time. Where `keep` is given, older ones with such a name are deleted, also those of an
/// earlier run; nothing else in the directory is touched.
class CaptureOutput {
public:
    static Result<std::unique_ptr<CaptureOutput>> open(const OutputOptions& options, const CaptureHeader& header);

    /// Compresses, encrypts and appends.
    Result<void> append(BytesView records, std::uint32_t count, Timestamp base, Timestamp last);
    /// Completes the file and begins the next one of the directory, whose header says `now`.
    Result<void> rotate(Timestamp now);
    Result<void> finish();

    /// Bytes of the current file.
    [[nodiscard]] std::uint64_t file_size() const { return file_->size(); }
    /// Bytes of all files that this run has written.
    [[nodiscard]] std::uint64_t total_size() const { return finished_size_ + file_->size(); }
    [[nodiscard]] const std::string& current_path() const { return current_path_; }
    [[nodiscard]] std::uint64_t files() const { return number_ - first_number_ + 1; }

private:
    CaptureOutput(OutputOptions options, CaptureHeader header)
        : options_(std::move(options)), header_(std::move(header)) {}
    Result<void> prepare_directory();
    Result<void> begin_file();
    Result<void> delete_oldest();

    OutputOptions options_;
    CaptureHeader header_;
    std::unique_ptr<store::CaptureFile> file_;
    std::unique_ptr<store::ChunkCompressor> compressor_;
    std::string current_path_;
    std::uint64_t finished_size_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t first_number_ = 0;
    std::deque<std::string> kept_;  // oldest first, without the current one
};

}  // namespace understudy::capture
