#include "core/pgwire/frame_reader.hpp"

#include "core/base/error.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::pgwire {
namespace {

constexpr std::size_t kHeader = 5;

/// Of at least kHeader bytes. Looked at for every message, so without a ByteReader.
std::size_t length_field(BytesView header) {
    const auto byte = [&](std::size_t at) { return std::uint32_t{static_cast<std::uint8_t>(header[at])}; };
    return byte(1) << 24U | byte(2) << 16U | byte(3) << 8U | byte(4);
}

FrameView view_of(BytesView whole) { return {whole[0], whole.substr(kHeader), whole}; }

}  // namespace

void FrameReader::begin(BytesView piece) {
    UNDERSTUDY_ASSERT(piece_.empty());
    piece_ = piece;
}

FrameStatus FrameReader::next(FrameView& frame) {
    if (failed_) return FrameStatus::error;
    if (kept_used_ != 0) {
        kept_.clear();
        kept_used_ = 0;
    }
    if (!kept_.empty()) return next_from_kept(frame);
    if (piece_.size() < kHeader) return FrameStatus::need_more;
    const std::size_t length = length_field(piece_);
    if (length < 4 || length > max_frame_length_) {
        failed_ = true;
        return FrameStatus::error;
    }
    if (piece_.size() < length + 1) return FrameStatus::need_more;
    frame = view_of(piece_.substr(0, length + 1));
    piece_.remove_prefix(length + 1);
    return FrameStatus::complete;
}

FrameStatus FrameReader::next_from_kept(FrameView& frame) {
    if (!fill_kept_to(kHeader)) return FrameStatus::need_more;
    const std::size_t length = length_field(kept_);
    if (length < 4 || length > max_frame_length_) {
        failed_ = true;
        return FrameStatus::error;
    }
    if (!fill_kept_to(length + 1)) return FrameStatus::need_more;
    kept_used_ = kept_.size();
    frame = view_of(kept_);
    return FrameStatus::complete;
}

bool FrameReader::fill_kept_to(std::size_t size) {
    if (kept_.size() >= size) return true;
    const std::size_t take = std::min(size - kept_.size(), piece_.size());
    kept_.append(piece_.substr(0, take));
    piece_.remove_prefix(take);
    return kept_.size() >= size;
}

void FrameReader::end() {
    if (kept_used_ != 0) {
        kept_.clear();
        kept_used_ = 0;
    }
    if (!failed_) kept_.append(piece_);
    piece_ = {};
}

void FrameReader::reset() {
    kept_.clear();
    kept_.shrink_to_fit();
    kept_used_ = 0;
    piece_ = {};
    failed_ = false;
}

Bytes FrameReader::take_rest() {
    Bytes rest = kept_used_ != 0 ? Bytes() : kept_;
    rest.append(piece_);
    reset();
    return rest;
}

bool looks_like_frames(BytesView bytes, bool from_frontend, std::size_t min_frames) {
    std::size_t frames = 0;
    while (!bytes.empty()) {
        const bool known = from_frontend ? is_frontend_tag(bytes[0]) : is_backend_tag(bytes[0]);
        if (!known) return false;
        if (bytes.size() < kHeader) break;
        const std::size_t length = length_field(bytes);
        if (length < 4 || length > kMaxFrameLength) return false;
        ++frames;
        if (bytes.size() <= length) break;
        bytes.remove_prefix(length + 1);
    }
    return frames >= min_frames;
}

}  // namespace understudy::pgwire
