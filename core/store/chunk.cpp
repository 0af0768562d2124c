#include "core/store/chunk.hpp"

#include <zstd.h>

#include <cstring>

#include "core/base/crc32c.hpp"

namespace understudy::store {
namespace {

template <class T>
void append_little(Bytes& out, T value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i))));
    }
}

std::uint64_t little(BytesView bytes, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[at + i])) << (8 * i);
    }
    return value;
}

/// What an encrypted payload's tag also covers: kind, plain length, records and times, as the chunk's header has them.
Bytes associated_data(const ChunkHeader& header, std::size_t plain_length) {
    Bytes data;
    append_little(data, static_cast<std::uint32_t>(header.kind));
    append_little(data, static_cast<std::uint32_t>(plain_length));
    append_little(data, header.records);
    append_little(data, static_cast<std::uint64_t>(header.base.ns()));
    append_little(data, static_cast<std::uint64_t>(header.last.ns()));
    return data;
}

std::uint32_t little32(BytesView bytes, std::size_t at) { return static_cast<std::uint32_t>(little(bytes, at, 4)); }

}  // namespace

void append_chunk(Bytes& out, ChunkHeader header, BytesView stored, std::size_t plain_length) {
    const std::size_t start = out.size();
    out.append(kChunkMagic);
    append_little(out, static_cast<std::uint32_t>(header.kind));
    append_little(out, static_cast<std::uint32_t>(stored.size()));
    append_little(out, static_cast<std::uint32_t>(plain_length));
    append_little(out, header.records);
    append_little(out, static_cast<std::uint64_t>(header.base.ns()));
    append_little(out, static_cast<std::uint64_t>(header.last.ns()));
    append_little(out, crc32c(stored));
    append_little(out, crc32c(BytesView(out).substr(start)));
    out.append(stored);
}

Result<ChunkHeader> parse_chunk_header(BytesView bytes) {
    if (bytes.size() < kChunkHeaderSize) return make_error(Errc::end_of_file, "the file ends inside a chunk's header");
    if (bytes.substr(0, 8) != kChunkMagic) return make_error(Errc::malformed, "no chunk begins here");
    if (crc32c(bytes.substr(0, 44)) != little32(bytes, 44)) {
        return make_error(Errc::malformed, "a chunk's header does not match its checksum");
    }
    ChunkHeader header;
    const std::uint32_t kind = little32(bytes, 8);
    if (kind < 1 || kind > 5) return make_error(Errc::unsupported, "a chunk of a kind that this version does not know");
    header.kind = static_cast<ChunkKind>(kind);
    header.stored_length = little32(bytes, 12);
    header.plain_length = little32(bytes, 16);
    header.records = little32(bytes, 20);
    header.base = Timestamp::from_ns(static_cast<std::int64_t>(little(bytes, 24, 8)));
    header.last = Timestamp::from_ns(static_cast<std::int64_t>(little(bytes, 32, 8)));
    header.payload_checksum = little32(bytes, 40);
    if (header.stored_length > kMaxChunkLength || header.plain_length > kMaxChunkLength) {
        return make_error(Errc::limit, "a chunk is longer than the format allows");
    }
    return header;
}

struct ChunkCompressor::Context {
    ZSTD_CCtx* zstd = ZSTD_createCCtx();
};

ChunkCompressor::ChunkCompressor(const ChunkCipher* cipher) : context_(new Context), cipher_(cipher) {
    UNDERSTUDY_ASSERT(context_->zstd != nullptr);
}

ChunkCompressor::~ChunkCompressor() {
    ZSTD_freeCCtx(context_->zstd);
    delete context_;
}

BytesView ChunkCompressor::compress(BytesView plain, std::uint32_t records, Timestamp base, Timestamp last) {
    UNDERSTUDY_ASSERT(plain.size() <= kMaxChunkLength);
    stored_.resize(ZSTD_compressBound(plain.size()));
    const std::size_t size =
        ZSTD_compressCCtx(context_->zstd, stored_.data(), stored_.size(), plain.data(), plain.size(), 1);
    ChunkHeader header;
    header.records = records;
    header.base = base;
    header.last = last;
    BytesView stored = plain;
    if (ZSTD_isError(size) == 0U && size < plain.size()) {
        stored = BytesView(stored_).substr(0, size);
    } else {
        header.kind = ChunkKind::stored_records;
    }
    if (cipher_ != nullptr) {
        const bool compressed = header.kind == ChunkKind::zstd_records;
        header.kind = compressed ? ChunkKind::encrypted_zstd_records : ChunkKind::encrypted_stored_records;
        cipher_->encrypt(stored, associated_data(header, plain.size()), encrypted_);
        stored = encrypted_;
    }
    chunk_.clear();
    append_chunk(chunk_, header, stored, plain.size());
    return chunk_;
}

Result<void> decompress_chunk(const ChunkHeader& header, BytesView stored, Bytes& plain, const ChunkCipher* cipher) {
    if (crc32c(stored) != header.payload_checksum) {
        return make_error(Errc::malformed, "a chunk does not match its checksum");
    }
    Bytes decrypted;
    if (header.kind == ChunkKind::encrypted_zstd_records || header.kind == ChunkKind::encrypted_stored_records) {
        if (cipher == nullptr) return make_error(Errc::refused, "an encrypted chunk, and no key for it");
        if (!cipher->decrypt(stored, associated_data(header, header.plain_length), decrypted)) {
            return make_error(Errc::malformed, "an encrypted chunk does not fit its key");
        }
        stored = decrypted;
    }
    if (header.kind != ChunkKind::zstd_records && header.kind != ChunkKind::encrypted_zstd_records) {
        plain.assign(stored);
        return {};
    }
    plain.resize(header.plain_length);
    const std::size_t size = ZSTD_decompress(plain.data(), plain.size(), stored.data(), stored.size());
    if (ZSTD_isError(size) != 0U || size != header.plain_length) {
        return make_error(Errc::malformed, "a chunk cannot be decompressed");
    }
    return {};
}

}  // namespace understudy::store
