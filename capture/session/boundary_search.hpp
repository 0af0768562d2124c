#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::capture {

/// Finds where messages begin in one side's stream that is entered midway: where the capture joins a session, and after
/// lost bytes.
///
/// Every place whose bytes could begin a message starts a chain, which goes on from the end of that message to the
/// next, and ends where a message is not possible: unknown tag, a length that the tag cannot have, a body that does
/// not decode. A boundary is confirmed by
/// - a chain of kChain whole messages, while no other chain of two or more is left; the stream is entered at the last
///   of them, as the first ones may be data that look like messages up to the very end of a true one; or
/// - whole messages from the start of a burst (what a side sends after the other had spoken) to the exact end of a
///   piece, or at least two that fill a piece.
/// What looks like a message inside a message breaks off at that one's end, or goes on there with true ones.
///
/// Drive it: add() for each piece until it says true, then take() what follows the boundary. Pure. Memory: kMaxHeld and
/// kMaxChains; past the first the boundary can only be found in later bytes.
class BoundarySearch {
public:
    static constexpr std::uint32_t kChain = 4;
    static constexpr std::size_t kMaxHeld = std::size_t{1} << 20U;
    static constexpr std::size_t kMaxChains = 64;

    /// `max_frame`: longer messages are not believed in. `login`: messages of the server's that come only there are.
    BoundarySearch(bool from_client, std::size_t max_frame, bool login = false)
        : from_client_(from_client), login_(login), max_frame_(max_frame) {}

    /// `burst`: the other side has sent something since the last piece. True when a boundary is confirmed.
    bool add(BytesView piece, bool burst);
    /// The other side goes on: a ReadyForQuery (server) at the very end is then believed. True when there is one.
    bool other_side_goes_on();
    /// The bytes from the boundary on. Bytes before it count as passed over.
    Bytes take();
    /// Bytes that the boundary, once found, was not among; also of what is still held.
    [[nodiscard]] std::uint64_t passed_over() const { return end_ - taken_; }
    void reset();

private:
    struct Chain {
        std::uint64_t start = 0;  // offset of its first message
        std::uint64_t last = 0;   // … of its last whole message
        std::uint64_t next = 0;   // … of the message after that
        std::uint32_t messages = 0;
    };
    enum class Step { stays, grew, broke };

    [[nodiscard]] BytesView from(std::uint64_t offset) const { return BytesView(held_).substr(offset - begin_); }
    Step grow(Chain& chain) const;
    void start_chains();
    void keep(const Chain& chain);
    bool confirmed(std::uint64_t piece_start);
    void drop_front();
    [[nodiscard]] std::size_t plausible_length(BytesView bytes) const;
    [[nodiscard]] bool decodes(BytesView whole) const;

    bool from_client_;
    bool login_;
    std::size_t max_frame_;
    Bytes held_;
    std::uint64_t begin_ = 0;        // offset of held_'s first byte
    std::uint64_t end_ = 0;          // … behind its last
    std::uint64_t scanned_ = 0;      // chains were started up to here
    std::uint64_t burst_start_ = 0;  // of the last burst
    std::uint64_t found_ = 0;
    std::uint64_t taken_ = 0;
    bool burst_known_ = false;
    std::vector<Chain> chains_;
};

}  // namespace understudy::capture
