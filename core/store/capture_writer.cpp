#include "core/store/capture_writer.hpp"

#include "capture.pb.h"
#include "core/base/crc32c.hpp"

namespace understudy::store {
namespace {

void append_little32(Bytes& out, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i))));
}

void append_little64(Bytes& out, std::uint64_t value) {
    append_little32(out, static_cast<std::uint32_t>(value));
    append_little32(out, static_cast<std::uint32_t>(value >> 32U));
}

}  // namespace

Result<std::unique_ptr<CaptureFile>> CaptureFile::create(const std::string& path, const CaptureHeader& header,
                                                         const std::optional<EncryptTo>& encrypt_to) {
    UNDERSTUDY_TRY(auto sink, create_file(path));
    return create(std::move(sink), header, encrypt_to);
}

Result<std::unique_ptr<CaptureFile>> CaptureFile::create(std::unique_ptr<ByteSink> sink, const CaptureHeader& header,
                                                         const std::optional<EncryptTo>& encrypt_to) {
    std::optional<ChunkCipher> cipher;
    std::optional<SealedKeys> keys;
    if (encrypt_to) {
        cipher = ChunkCipher::generate();
        const PublicKey& recipient = encrypt_to->recipient;
        keys = SealedKeys{recipient.bytes(), recipient.seal(cipher->key()), recipient.seal(encrypt_to->digest_key)};
    }
    Bytes start(kFileMagic);
    append_little32(start, kFormatVersion);
    const Bytes encoded = encode_header(header, keys);
    if (encoded.size() > kMaxHeaderLength) {
        return make_error(Errc::limit, "the capture's header is longer than its format allows");
    }
    append_little32(start, static_cast<std::uint32_t>(encoded.size()));
    start += encoded;
    append_little32(start, crc32c(start));
    UNDERSTUDY_CHECK(sink->append(start));
    return std::unique_ptr<CaptureFile>(new CaptureFile(std::move(sink), std::move(cipher)));
}

Result<void> CaptureFile::append_chunk(BytesView chunk, std::uint32_t records, Timestamp base, Timestamp last) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    const std::uint64_t offset = sink_->size();
    if (auto appended = sink_->append(chunk); !appended) {
        failure_ = appended.error();
        return *failure_;
    }
    entries_.push_back({offset, records, base, last});
    records_ += records;
    return {};
}

Result<void> CaptureFile::finish() {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    v1::Index index;
    for (const Entry& entry : entries_) {
        auto& out = *index.add_chunks();
        out.set_offset(entry.offset);
        out.set_records(entry.records);
        out.set_first_ns(entry.base.ns());
        out.set_last_ns(entry.last.ns());
    }
    Bytes payload = index.SerializeAsString();
    // The index is only a short cut: past the format's limit it is left empty rather than the file incomplete.
    if (payload.size() > kMaxChunkLength) payload.clear();
    ChunkHeader header;
    header.kind = ChunkKind::index;
    const std::uint64_t index_offset = sink_->size();
    Bytes end;
    store::append_chunk(end, header, payload, payload.size());
    append_little64(end, index_offset);
    append_little64(end, records_);
    end.append(kTrailerMagic);
    auto finished = sink_->append(end);
    if (finished) finished = sink_->sync();
    if (!finished) failure_ = finished.error();
    return finished;
}

std::uint64_t CaptureFile::size() const {
    const std::lock_guard lock(mutex_);
    return sink_->size();
}

void EventWriter::on_event(Event&& event) {
    if (failure_) return;
    const Timestamp time = event_time(event);
    if (records_ == 0) {
        base_ = time.known() ? time : last_;
        codec_.begin_chunk(base_);
    }
    if (!codec_.append(plain_, event)) {
        ++too_large_;
        return;
    }
    if (time > last_) last_ = time;
    ++records_;
    ++events_;
    if (plain_.size() >= kChunkTarget) flush();
}

void EventWriter::flush() {
    if (records_ == 0 || failure_) return;
    const BytesView chunk = compressor_.compress(plain_, records_, base_, last_);
    if (auto appended = file_.append_chunk(chunk, records_, base_, last_); !appended) failure_ = appended.error();
    plain_total_ += plain_.size();
    plain_.clear();
    records_ = 0;
}

}  // namespace understudy::store
