#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"

namespace understudy::pgwire {

/// One typed message: a tag byte, a length that counts itself, and a body.
struct FrameView {
    char tag = 0;
    BytesView body;
    BytesView whole;  ///< tag and length included
};

/// The three answers of an incremental decoder.
enum class FrameStatus {
    complete,   ///< a frame was read
    need_more,  ///< the bytes end inside a frame, or there are none
    error,      ///< the bytes cannot be a frame; the reader stays in this state until reset()
};

/// PostgreSQL itself refuses messages above 1 GiB less a byte (PQ_LARGE_MESSAGE_LIMIT).
inline constexpr std::size_t kMaxFrameLength = 0x3fffffff;

/// Cuts a byte stream into frames. Frames that lie whole in one piece of input are not copied.
///
/// Drive it piece by piece: begin(piece); next() until it is not `complete`; end(). The views it hands
/// out borrow from the piece or from the reader, and are valid until end() or the following next().
/// Invariant: bytes handed out + bytes kept == bytes given.
class FrameReader {
public:
    explicit FrameReader(std::size_t max_frame_length = kMaxFrameLength) : max_frame_length_(max_frame_length) {}

    void begin(BytesView piece);
    FrameStatus next(FrameView& frame);
    void end();

    /// Forgets everything, as after a gap.
    void reset();
    /// Bytes of an unfinished frame.
    [[nodiscard]] std::size_t pending() const { return kept_.size() - kept_used_ + piece_.size(); }
    /// Bytes not handed out yet, joined; used where the stream stops being frames (TLS, GSS).
    [[nodiscard]] Bytes take_rest();

private:
    FrameStatus next_from_kept(FrameView& frame);
    bool fill_kept_to(std::size_t size);

    std::size_t max_frame_length_;
    Bytes kept_;                 // an unfinished frame of earlier pieces
    std::size_t kept_used_ = 0;  // set to kept_.size() once its frame was handed out
    BytesView piece_;            // what is left of the current piece
    bool failed_ = false;
};

/// Whether `bytes` look like whole frames of one side, one after the other, at least `min_frames` of them, the last
/// of them possibly cut. This is how a stream joined midway finds its first boundary.
bool looks_like_frames(BytesView bytes, bool from_frontend, std::size_t min_frames);

}  // namespace understudy::pgwire
