#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/store/sealing.hpp"

namespace understudy::store {

// The framing of docs/capture-file.md, "Chunk". Pure.

inline constexpr BytesView kFileMagic("\x89PGCAP\r\n", 8);
inline constexpr BytesView kChunkMagic("\x89UCHNK\r\n", 8);
inline constexpr BytesView kTrailerMagic("\x89UEND!\r\n", 8);
inline constexpr std::uint32_t kFormatVersion = 2;
inline constexpr std::uint32_t kOldestVersion = 1;  ///< that can be read
inline constexpr std::size_t kChunkHeaderSize = 48;
inline constexpr std::size_t kTrailerSize = 24;
inline constexpr std::size_t kMaxHeaderLength = 65'536;
inline constexpr std::size_t kMaxChunkLength = 64U << 20U;
inline constexpr std::size_t kMaxRecordLength = 32U << 20U;
inline constexpr std::size_t kChunkTarget = 256U << 10U;

enum class ChunkKind : std::uint32_t {
    zstd_records = 1,
    stored_records = 2,
    index = 3,
    encrypted_zstd_records = 4,
    encrypted_stored_records = 5,
};

struct ChunkHeader {
    ChunkKind kind = ChunkKind::zstd_records;
    std::uint32_t stored_length = 0;
    std::uint32_t plain_length = 0;
    std::uint32_t records = 0;
    Timestamp base;
    Timestamp last;
    std::uint32_t payload_checksum = 0;
};

/// Appends header and payload; fills in lengths and checksums.
void append_chunk(Bytes& out, ChunkHeader header, BytesView stored, std::size_t plain_length);

/// Parses 48 bytes. Errors: Errc::malformed for a wrong magic, checksum or kind, Errc::limit for lengths past the
/// limit.
Result<ChunkHeader> parse_chunk_header(BytesView bytes);

/// Compresses records (zstd, level 1), encrypts them where a cipher is given, and makes them a chunk. One per thread:
/// it keeps its compression context.
class ChunkCompressor {
public:
    /// `cipher` is borrowed.
    explicit ChunkCompressor(const ChunkCipher* cipher = nullptr);
    ~ChunkCompressor();
    ChunkCompressor(const ChunkCompressor&) = delete;
    ChunkCompressor& operator=(const ChunkCompressor&) = delete;

    /// The chunk's bytes, valid until the next call.
    BytesView compress(BytesView plain, std::uint32_t records, Timestamp base, Timestamp last);

private:
    struct Context;
    Context* context_;
    const ChunkCipher* cipher_;
    Bytes stored_;
    Bytes encrypted_;
    Bytes chunk_;
};

/// The plain records of a chunk's payload. Errors: Errc::malformed when the checksum, the encryption or the compression
/// does not fit; Errc::refused for an encrypted chunk without a cipher.
Result<void> decompress_chunk(const ChunkHeader& header, BytesView stored, Bytes& plain,
                              const ChunkCipher* cipher = nullptr);

}  // namespace understudy::store
