// Pieces of one side's stream on a BoundarySearch. The first byte says whose (its lowest bit: the client's) and how
// long messages may be; each piece has a byte before it (its lowest bit: the first of a burst; the next: the other side
// goes on) and one or two bytes of length. What is found must be what was given, to the end, and begin with a message.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "capture/session/boundary_search.hpp"
#include "core/base/byte_reader.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace {

using namespace understudy;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteReader reader(BytesView(reinterpret_cast<const char*>(data), size));
    const std::uint8_t choice = reader.u8();
    const bool from_client = (choice & 1U) != 0;
    const std::size_t max_frame = (choice & 2U) != 0 ? std::size_t{64} : std::size_t{256} << 20U;
    capture::BoundarySearch search(from_client, max_frame);
    Bytes given;
    std::uint64_t taken = 0;
    while (reader.ok() && !reader.at_end()) {
        const std::uint8_t how = reader.u8();
        if ((how & 2U) != 0 && search.other_side_goes_on()) {
            const Bytes rest = search.take();
            require(!from_client && rest.size() >= 6 && rest[rest.size() - 6] == 'Z');
            taken += rest.size();
        }
        const std::size_t length = (how & 4U) != 0 ? reader.u16() : reader.u8();
        const BytesView piece = reader.bytes(std::min(length, reader.remaining()));
        if (piece.empty()) continue;
        given += piece;
        if (search.add(piece, (how & 1U) != 0)) {
            const Bytes rest = search.take();
            require(!rest.empty() && rest.size() <= given.size());
            require(BytesView(given).substr(given.size() - rest.size()) == rest);
            pgwire::FrameReader frames(max_frame);
            pgwire::FrameView frame;
            frames.begin(rest);
            require(frames.next(frame) == pgwire::FrameStatus::complete);
            frames.end();
            taken += rest.size();
        }
        require(search.passed_over() + taken == given.size());
    }
    return 0;
}
