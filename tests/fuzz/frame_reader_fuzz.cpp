// However a stream is cut into pieces, the reader gives the same frames, loses no byte, and fails at the same
// place.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/base/error.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace {

using namespace understudy;
using namespace understudy::pgwire;

struct Outcome {
    std::vector<Bytes> frames;
    bool failed = false;
    std::size_t pending = 0;
    Bytes rest;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Feeds `stream` in pieces whose sizes come from `sizes`, over and over; in one piece when there are none.
Outcome read_frames(BytesView stream, BytesView sizes, std::size_t max_frame_length) {
    FrameReader reader(max_frame_length);
    Outcome outcome;
    std::size_t turn = 0;
    for (BytesView left = stream; !left.empty() && !outcome.failed;) {
        std::size_t take = left.size();
        if (!sizes.empty())
            take = std::min(take, std::size_t{static_cast<unsigned char>(sizes[turn++ % sizes.size()])} + 1);
        reader.begin(left.substr(0, take));
        left.remove_prefix(take);
        FrameView frame;
        FrameStatus status = reader.next(frame);
        for (; status == FrameStatus::complete; status = reader.next(frame)) {
            UNDERSTUDY_ASSERT(frame.whole.size() <= max_frame_length + 1);
            UNDERSTUDY_ASSERT(frame.tag == frame.whole[0] && frame.body == frame.whole.substr(5));
            outcome.frames.emplace_back(frame.whole);
        }
        outcome.failed = status == FrameStatus::error;
        reader.end();
    }
    if (outcome.failed) return outcome;
    outcome.pending = reader.pending();
    outcome.rest = reader.take_rest();
    Bytes joined;
    for (const Bytes& frame : outcome.frames) joined += frame;
    UNDERSTUDY_ASSERT(outcome.pending == outcome.rest.size());
    UNDERSTUDY_ASSERT(joined + outcome.rest == stream);
    return outcome;
}

}  // namespace

/// The input: how many piece sizes, the sizes, the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    BytesView input(reinterpret_cast<const char*>(data), size);
    const std::size_t count = std::min<std::size_t>(data[0] % 16U, size - 1);
    const std::size_t max_frame_length = data[0] >= 128 ? 32 : kMaxFrameLength;
    const BytesView sizes = input.substr(1, count);
    const BytesView stream = input.substr(1 + count);
    const Outcome whole = read_frames(stream, {}, max_frame_length);
    UNDERSTUDY_ASSERT(read_frames(stream, sizes, max_frame_length) == whole);
    UNDERSTUDY_ASSERT(read_frames(stream, BytesView("\0", 1), max_frame_length) == whole);
    for (const bool from_frontend : {false, true}) {
        const bool few = looks_like_frames(stream, from_frontend, 1);
        UNDERSTUDY_ASSERT(few || !looks_like_frames(stream, from_frontend, 2));
    }
    return 0;
}
