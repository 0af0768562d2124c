#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/event.hpp"
#include "core/store/byte_io.hpp"
#include "core/store/capture_codec.hpp"
#include "core/store/chunk.hpp"
#include "core/store/sealing.hpp"

namespace understudy::store {

/// What was found wrong with a file; all zero for a sound one.
struct Damage {
    std::uint64_t bad_chunks = 0;       ///< chunks whose checksum, compression or records do not fit
    std::uint64_t bytes_skipped = 0;    ///< until the next chunk was found
    std::uint64_t bytes_cut_off = 0;    ///< of a last chunk that the file ends inside
    std::uint64_t unknown_records = 0;  ///< of kinds from a newer version
    bool trailer_missing = false;       ///< the writer did not finish: the capture is still growing, or it died

    [[nodiscard]] bool none() const {
        return bad_chunks == 0 && bytes_skipped == 0 && bytes_cut_off == 0 && unknown_records == 0 && !trailer_missing;
    }
};

/// Streams the events of one capture file, front to back; memory is bounded by one chunk.
///
/// next() answers in three ways: an event, nothing (the end), or an error (the medium failed). Damage is no error: it
/// is counted, and reading goes on at the next whole chunk (docs/capture-file.md, "States after a crash").
class CaptureReader {
public:
    /// Errors: Errc::io; Errc::malformed when it is no capture file; Errc::unsupported for a newer version;
    /// Errc::end_of_file when it ends inside the header; Errc::refused for an encrypted one whose key is not in `keys`.
    static Result<std::unique_ptr<CaptureReader>> open(const std::string& path, const KeyRing& keys = {});
    static Result<std::unique_ptr<CaptureReader>> open(std::unique_ptr<ByteSource> source, const KeyRing& keys = {});

    [[nodiscard]] const CaptureHeader& header() const { return header_; }
    Result<std::optional<Event>> next();
    /// From now on Requests, Responses and RowParts of sessions that are not `wanted` are passed over, which costs much
    /// less than decoding them; so damage inside them is not seen. Everything else comes as before.
    void take_only(std::function<bool(SessionId)> wanted) { wanted_ = std::move(wanted); }
    /// After next() said that this is the end: whether more may come, since the trailer is not there; next() then goes
    /// on where the file ended.
    bool resume();
    [[nodiscard]] bool encrypted() const { return cipher_.has_value(); }
    /// The public key that an encrypted file is for; else empty.
    [[nodiscard]] const Bytes& recipient() const { return recipient_; }
    /// The key of the digests, where the file brings it along (encrypted ones do); else empty.
    [[nodiscard]] const Bytes& digest_key() const { return digest_key_; }
    [[nodiscard]] const Damage& damage() const { return damage_; }
    [[nodiscard]] std::uint64_t chunks() const { return chunks_; }
    [[nodiscard]] std::uint64_t records() const { return records_; }

private:
    explicit CaptureReader(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
    Result<void> read_header(const KeyRing& keys);
    Result<void> unlock(const SealedKeys& sealed, const KeyRing& keys);
    Result<bool> next_chunk();
    Result<bool> fill(std::size_t size);
    Result<void> take_end(const ChunkHeader& header);
    Result<void> skip_damage();
    bool take_chunk(const ChunkHeader& header);

    std::unique_ptr<ByteSource> source_;
    CaptureHeader header_;
    std::optional<ChunkCipher> cipher_;
    Bytes digest_key_;
    Bytes recipient_;
    CaptureCodec codec_;
    std::function<bool(SessionId)> wanted_;  // empty: all are
    Bytes buffer_;                        // bytes read and not used
    std::size_t used_ = 0;                // of buffer_
    std::uint64_t offset_ = 0;            // of buffer_ in the file
    std::uint64_t records_promised_ = 0;  // by the chunks' headers
    Bytes plain_;                         // records of the current chunk
    std::size_t plain_used_ = 0;
    Damage damage_;
    std::uint64_t chunks_ = 0;
    std::uint64_t records_ = 0;
    bool ended_ = false;
};

/// The files that a capture argument names: the file itself, or the capture files of a directory in the order of their
/// names.
Result<std::vector<std::string>> capture_files(const std::string& path);

}  // namespace understudy::store
