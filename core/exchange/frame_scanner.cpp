#include "core/exchange/frame_scanner.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy {
namespace {

constexpr std::size_t kFrameHeader = 5;  // tag and length
constexpr std::uint32_t kMinLength = 4;  // the length counts itself

std::uint32_t length_of(BytesView header) {
    ByteReader reader(header.substr(1));
    return reader.u32();
}

}  // namespace

StepKind step_kind_of(char frontend_tag) {
    using pgwire::FrontendTag;
    switch (static_cast<FrontendTag>(frontend_tag)) {
        case FrontendTag::parse: return StepKind::parse;
        case FrontendTag::bind: return StepKind::bind;
        case FrontendTag::describe: return StepKind::describe;
        case FrontendTag::execute: return StepKind::execute;
        case FrontendTag::close: return StepKind::close;
        case FrontendTag::sync: return StepKind::sync;
        case FrontendTag::query: return StepKind::statement;
        case FrontendTag::function_call: return StepKind::function_call;
        case FrontendTag::copy_data:
        case FrontendTag::copy_done:
        case FrontendTag::copy_fail:
        case FrontendTag::flush:
        case FrontendTag::password:
        case FrontendTag::terminate: break;
    }
    return StepKind::unknown;
}

void FrameScanner::reset() {
    kept_.clear();
    missing_ = 0;
}

bool FrameScanner::next(BytesView& piece, ScannedFrame& frame) {
    if (piece.empty()) return false;
    if (!kept_.empty() || piece.size() < kFrameHeader) return next_in_pieces(piece, frame);
    const std::uint64_t length = length_of(piece);
    if (length < kMinLength) {
        piece = {};
        return false;
    }
    if (piece.size() < length + 1) return next_in_pieces(piece, frame);
    frame.tag = piece[0];
    frame.body = piece.substr(kFrameHeader, length - kMinLength);
    frame.cut = false;
    frame.size = length + 1;
    piece.remove_prefix(length + 1);
    return true;
}

bool FrameScanner::next_in_pieces(BytesView& piece, ScannedFrame& frame) {
    if (kept_.size() < kFrameHeader) {
        const std::size_t take = std::min(kFrameHeader - kept_.size(), piece.size());
        kept_.append(piece.substr(0, take));
        piece.remove_prefix(take);
        if (kept_.size() < kFrameHeader) return false;
        const std::uint32_t length = length_of(kept_);
        if (length < kMinLength) {
            reset();
            piece = {};
            return false;
        }
        missing_ = length - kMinLength;
    }
    const std::size_t take = static_cast<std::size_t>(std::min<std::uint64_t>(missing_, piece.size()));
    kept_.append(piece.substr(0, std::min(take, max_kept_ - std::min(max_kept_, kept_.size()))));
    piece.remove_prefix(take);
    missing_ -= take;
    if (missing_ != 0) return false;
    done_.swap(kept_);
    kept_.clear();
    frame.tag = done_[0];
    frame.body = BytesView(done_).substr(kFrameHeader);
    frame.size = std::uint64_t{length_of(done_)} + 1;
    frame.cut = done_.size() < frame.size;
    return true;
}

}  // namespace understudy
