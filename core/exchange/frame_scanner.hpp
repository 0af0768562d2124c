#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/model/step.hpp"

namespace understudy {

/// One frontend message, as far as its bytes are at hand.
struct ScannedFrame {
    char tag = 0;
    BytesView body;    ///< valid until the scanner's next call; only its beginning for a frame that came in pieces
    bool cut = false;  ///< the body's end is missing
    std::uint64_t size = 0;  ///< of the whole frame, tag and length included
};

/// Whether a message of the client is a step, and which; `unknown` for one that is none.
StepKind step_kind_of(char frontend_tag);

/// Finds the frames in the Requests of one exchange. A message longer than a Request comes in several pieces
/// (docs/capture-file.md, "Records"): of those only the first `max_kept` bytes are kept, so that memory does
/// not follow the message's length.
///
/// Drive it: for each piece call next() until it is false. After bytes that cannot be a frame the rest of the
/// piece is dropped.
class FrameScanner {
public:
    static constexpr std::size_t kMaxKept = 4096;

    FrameScanner() = default;
    explicit FrameScanner(std::size_t max_kept) : max_kept_(max_kept) {}

    /// True when a frame ended in `piece`; its bytes are then removed from there.
    bool next(BytesView& piece, ScannedFrame& frame);
    /// Forgets a frame begun.
    void reset();
    /// Bytes held of a frame that is not whole yet.
    [[nodiscard]] std::size_t kept() const { return kept_.size(); }

private:
    bool next_in_pieces(BytesView& piece, ScannedFrame& frame);

    std::size_t max_kept_ = kMaxKept;
    Bytes kept_;                 // beginning of a frame that is not whole yet, tag and length included
    Bytes done_;                 // the last such frame handed out
    std::uint64_t missing_ = 0;  // bytes of its body still to come, once its length is known
};

}  // namespace understudy
