#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/model/event.hpp"
#include "core/store/byte_io.hpp"
#include "core/store/capture_codec.hpp"
#include "core/store/chunk.hpp"
#include "core/store/sealing.hpp"

namespace understudy::store {

/// A capture file being written: the header at once, chunks as they come, index and trailer at finish(). Chunks may
/// come from several threads. After a failed append the file holds whole chunks only, and every later call fails.
class CaptureFile {
public:
    /// `encrypt_to`: its chunks can be read by that key's owner only, not by this program again.
    static Result<std::unique_ptr<CaptureFile>> create(const std::string& path, const CaptureHeader& header,
                                                       const std::optional<EncryptTo>& encrypt_to = std::nullopt);
    static Result<std::unique_ptr<CaptureFile>> create(std::unique_ptr<ByteSink> sink, const CaptureHeader& header,
                                                       const std::optional<EncryptTo>& encrypt_to = std::nullopt);

    Result<void> append_chunk(BytesView chunk, std::uint32_t records, Timestamp base, Timestamp last);
    /// Writes index and trailer: the file is complete.
    Result<void> finish();
    [[nodiscard]] std::uint64_t size() const;
    /// What chunks for this file are to be encrypted with; nullptr: not at all. Lives as long as the file.
    [[nodiscard]] const ChunkCipher* cipher() const { return cipher_ ? &*cipher_ : nullptr; }

private:
    CaptureFile(std::unique_ptr<ByteSink> sink, std::optional<ChunkCipher> cipher)
        : cipher_(std::move(cipher)), sink_(std::move(sink)) {}
    struct Entry {
        std::uint64_t offset;
        std::uint32_t records;
        Timestamp base;
        Timestamp last;
    };

    const std::optional<ChunkCipher> cipher_;
    mutable std::mutex mutex_;
    std::unique_ptr<ByteSink> sink_;
    std::vector<Entry> entries_;
    std::uint64_t records_ = 0;
    std::optional<Error> failure_;
};

/// Makes chunks of the events of one thread and gives them to a CaptureFile. After the first failure nothing more is
/// written; failure() tells.
class EventWriter final : public EventSink {
public:
    /// `file` must outlive the writer.
    explicit EventWriter(CaptureFile& file) : file_(file), compressor_(file.cipher()) {}

    void on_event(Event&& event) override;
    /// Closes the chunk begun, so that a reader of the growing file sees it.
    void flush();
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
    [[nodiscard]] std::uint64_t events() const { return events_; }
    /// Records that were longer than the format allows and were left out.
    [[nodiscard]] std::uint64_t too_large() const { return too_large_; }
    /// Bytes of plain records so far; what the file would be without compression.
    [[nodiscard]] std::uint64_t plain_bytes() const { return plain_total_ + plain_.size(); }

private:
    CaptureFile& file_;
    CaptureCodec codec_;
    ChunkCompressor compressor_;
    Bytes plain_;
    std::uint32_t records_ = 0;
    Timestamp base_;
    Timestamp last_;
    std::uint64_t events_ = 0;
    std::uint64_t too_large_ = 0;
    std::uint64_t plain_total_ = 0;
    std::optional<Error> failure_;
};

}  // namespace understudy::store
