#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace understudy {

/// Replaces values in the frames of one session before anything is stored or digested. A Transcriber that has one shows
/// it every frame that it records, each side in its order.
class FrameRedactor {
public:
    virtual ~FrameRedactor() = default;

    /// What to store in the frame's place: itself, or frames (whole, possibly more than one) in `scratch`.
    virtual pgwire::FrameView frontend(const pgwire::FrameView& frame, std::uint32_t ordinal, Bytes& scratch) = 0;
    /// What to take for an answer to exchange `ordinal`; `row_description` is the body of the one in force, or empty.
    virtual pgwire::FrameView backend(const pgwire::FrameView& frame, std::uint32_t ordinal, BytesView row_description,
                                      Bytes& scratch) = 0;
    /// A setting that the server reported at start-up.
    virtual void setting(BytesView name, BytesView value) = 0;
    /// Statements may exist that were never seen.
    virtual void some_missed() = 0;
};

}  // namespace understudy
