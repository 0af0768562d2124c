#include "core/store/capture_reader.hpp"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <filesystem>

#include "core/base/crc32c.hpp"

namespace understudy::store {
namespace {

constexpr std::size_t kReadAhead = 1U << 20U;

std::uint64_t little(BytesView bytes, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
    }
    return value;
}

std::uint32_t little32(BytesView bytes) { return static_cast<std::uint32_t>(little(bytes, 4)); }

/// Reads the varint in front of a record; 0 bytes used when it is cut or too long.
std::size_t read_length(BytesView bytes, std::uint32_t& length) {
    length = 0;
    for (std::size_t i = 0; i < bytes.size() && i < 5; ++i) {
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        length |= static_cast<std::uint32_t>(byte & 0x7FU) << (7 * i);
        if ((byte & 0x80U) == 0) return i + 1;
    }
    return 0;
}

}  // namespace

Result<std::unique_ptr<CaptureReader>> CaptureReader::open(const std::string& path, const KeyRing& keys) {
    UNDERSTUDY_TRY(auto source, open_file(path));
    return open(std::move(source), keys);
}

Result<std::unique_ptr<CaptureReader>> CaptureReader::open(std::unique_ptr<ByteSource> source, const KeyRing& keys) {
    std::unique_ptr<CaptureReader> reader(new CaptureReader(std::move(source)));
    UNDERSTUDY_CHECK(reader->read_header(keys));
    return reader;
}

/// Makes `size` unused bytes available if there are so many.
Result<bool> CaptureReader::fill(std::size_t size) {
    if (buffer_.size() - used_ >= size) return true;
    buffer_.erase(0, used_);
    offset_ += used_;
    used_ = 0;
    UNDERSTUDY_CHECK(source_->read(std::max(size, kReadAhead) - buffer_.size(), buffer_));
    return buffer_.size() >= size;
}

/// Finds the file's own key with one of `keys`.
Result<void> CaptureReader::unlock(const SealedKeys& sealed, const KeyRing& keys) {
    const std::string name = source_->name();
    UNDERSTUDY_TRY(const PublicKey recipient, PublicKey::from_bytes(sealed.recipient));
    const SecretKey* key = keys.find(sealed.recipient);
    if (key == nullptr) {
        return make_error(Errc::refused, fmt::format("{} is encrypted; give the secret key that belongs to \"{}\" with "
                                                     "--key FILE",
                                                     name, recipient.text()));
    }
    const auto opened = key->unseal(sealed.sealed_key);
    const auto digest_key = sealed.sealed_digest_key.empty() ? Bytes() : key->unseal(sealed.sealed_digest_key);
    if (!opened || !digest_key) return make_error(Errc::malformed, fmt::format("{} has damaged keys", name));
    UNDERSTUDY_TRY(cipher_, ChunkCipher::from_bytes(*opened));
    digest_key_ = *digest_key;
    recipient_ = sealed.recipient;
    return {};
}

Result<void> CaptureReader::read_header(const KeyRing& keys) {
    const std::string name = source_->name();
    UNDERSTUDY_TRY(const bool enough, fill(16));
    const BytesView start(buffer_);
    if (!start.starts_with(kFileMagic.substr(0, std::min<std::size_t>(start.size(), 8))) || start.empty()) {
        return make_error(Errc::malformed, fmt::format("{} is not an understudy capture (.pgcap)", name));
    }
    if (!enough)
        return make_error(Errc::end_of_file, fmt::format("{} ends inside its header: nothing was captured", name));
    const std::uint32_t version = little32(start.substr(8));
    if (version < kOldestVersion || version > kFormatVersion) {
        return make_error(Errc::unsupported,
                          fmt::format("{} has capture format {}, this program reads {}: use a newer understudy", name,
                                      version, kFormatVersion));
    }
    const std::uint32_t length = little32(start.substr(12));
    if (length > kMaxHeaderLength) return make_error(Errc::malformed, fmt::format("{} has a damaged header", name));
    UNDERSTUDY_TRY(const bool whole, fill(16 + length + 4));
    if (!whole)
        return make_error(Errc::end_of_file, fmt::format("{} ends inside its header: nothing was captured", name));
    const BytesView bytes(buffer_);
    if (crc32c(bytes.substr(0, 16 + length)) != little32(bytes.substr(16 + length))) {
        return make_error(Errc::malformed, fmt::format("{} has a damaged header", name));
    }
    UNDERSTUDY_TRY(header_, decode_header(bytes.substr(16, length)));
    if (const auto sealed = decode_encryption(bytes.substr(16, length))) UNDERSTUDY_CHECK(unlock(*sealed, keys));
    used_ = 16 + length + 4;
    return {};
}

Result<std::optional<Event>> CaptureReader::next() {
    while (true) {
        if (plain_used_ == plain_.size()) {
            UNDERSTUDY_TRY(const bool more, next_chunk());
            if (!more) return std::optional<Event>();
            continue;
        }
        std::uint32_t length = 0;
        const BytesView rest = BytesView(plain_).substr(plain_used_);
        const std::size_t prefix = read_length(rest, length);
        if (prefix == 0 || length > kMaxRecordLength || rest.size() - prefix < length) {
            ++damage_.bad_chunks;
            plain_used_ = plain_.size();
            continue;
        }
        plain_used_ += prefix + length;
        const BytesView record = rest.substr(prefix, length);
        if (wanted_ && codec_.pass_over(record, wanted_)) {
            ++records_;
            continue;
        }
        auto event = codec_.decode(record);
        if (event) {
            ++records_;
            return std::optional<Event>(std::move(*event));
        }
        if (event.error().code == Errc::unsupported) {
            ++damage_.unknown_records;
        } else {  // what follows may lean on it
            ++damage_.bad_chunks;
            plain_used_ = plain_.size();
        }
    }
}

bool CaptureReader::resume() {
    if (!ended_ || !damage_.trailer_missing) return false;
    ended_ = false;
    damage_.trailer_missing = false;
    damage_.bytes_cut_off = 0;  // they are still in the buffer
    return true;
}

/// Makes the next chunk's records current; false at the end of the file.
Result<bool> CaptureReader::next_chunk() {
    while (!ended_) {
        UNDERSTUDY_TRY(const bool enough, fill(kChunkHeaderSize));
        const BytesView rest = BytesView(buffer_).substr(used_);
        if (!enough) {
            damage_.bytes_cut_off += rest.size();
            damage_.trailer_missing = true;
            ended_ = true;
            break;
        }
        auto header = parse_chunk_header(rest);
        if (!header) {
            UNDERSTUDY_CHECK(skip_damage());
            continue;
        }
        if (header->kind == ChunkKind::index) {
            UNDERSTUDY_CHECK(take_end(*header));
            continue;
        }
        UNDERSTUDY_TRY(const bool whole, fill(kChunkHeaderSize + header->stored_length));
        if (!whole) {
            damage_.bytes_cut_off += buffer_.size() - used_;
            damage_.trailer_missing = true;
            ended_ = true;
            break;
        }
        if (take_chunk(*header)) return true;
        UNDERSTUDY_CHECK(skip_damage());
    }
    return false;
}

bool CaptureReader::take_chunk(const ChunkHeader& header) {
    const BytesView stored = BytesView(buffer_).substr(used_ + kChunkHeaderSize, header.stored_length);
    plain_used_ = 0;
    if (!decompress_chunk(header, stored, plain_, cipher_ ? &*cipher_ : nullptr)) {
        plain_.clear();
        return false;
    }
    used_ += kChunkHeaderSize + header.stored_length;
    codec_.begin_chunk(header.base);
    records_promised_ += header.records;
    ++chunks_;
    return true;
}

/// Counts a damaged chunk and looks for the next.
Result<void> CaptureReader::skip_damage() {
    ++damage_.bad_chunks;
    ++used_;
    ++damage_.bytes_skipped;
    while (true) {
        const std::size_t found = buffer_.find(kChunkMagic, used_);
        if (found != Bytes::npos) {
            damage_.bytes_skipped += found - used_;
            used_ = found;
            return {};
        }
        // The magic may begin in the last bytes.
        const std::size_t keep = std::min<std::size_t>(buffer_.size() - used_, kChunkMagic.size() - 1);
        damage_.bytes_skipped += buffer_.size() - used_ - keep;
        used_ = buffer_.size() - keep;
        UNDERSTUDY_TRY(const bool enough, fill(keep + 1));
        if (!enough) return {};  // the end: next_chunk() counts what is left
    }
}

/// The index and the trailer end the file; anything else there means that the writer died, or that files were joined.
Result<void> CaptureReader::take_end(const ChunkHeader& header) {
    const std::size_t size = kChunkHeaderSize + header.stored_length;
    UNDERSTUDY_TRY(const bool whole, fill(size + kTrailerSize));
    const BytesView rest = BytesView(buffer_).substr(used_);
    if (!whole) {
        damage_.trailer_missing = true;
        damage_.bytes_cut_off += rest.size();
        ended_ = true;
        return {};
    }
    const BytesView trailer = rest.substr(size, kTrailerSize);
    if (trailer.substr(16) != kTrailerMagic) return skip_damage();
    // Where nothing else is wrong, index and trailer must fit what was read.
    const bool fits = crc32c(rest.substr(kChunkHeaderSize, header.stored_length)) == header.payload_checksum &&
                      little(trailer, 8) == offset_ + used_ && little(trailer.substr(8), 8) == records_promised_;
    if (!fits && damage_.none()) ++damage_.bad_chunks;
    used_ += size + kTrailerSize;
    UNDERSTUDY_TRY(const bool more, fill(1));
    ended_ = !more;
    return {};
}

Result<std::vector<std::string>> capture_files(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(path, error)) {
        if (entry.path().extension() == ".pgcap") files.push_back(entry.path().string());
    }
    if (error) return make_error(Errc::io, fmt::format("cannot read the directory {}: {}", path, error.message()));
    if (files.empty()) return make_error(Errc::io, fmt::format("the directory {} holds no .pgcap file", path));
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace understudy::store
