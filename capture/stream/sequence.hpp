#pragma once

#include <cstdint>

namespace understudy::capture {

/// How far `to` lies after `from`, negative when before, on the circle of 2^32 sequence numbers (RFC 9293
/// section 3.4). Right for distances below 2^31.
constexpr std::int32_t sequence_distance(std::uint32_t from, std::uint32_t to) {
    return static_cast<std::int32_t>(to - from);
}

/// A place in a byte stream, known both ways: as the 64-bit offset from the stream's first byte, which never
/// wraps, and as the 32-bit sequence number that stands for it on the wire.
class SequenceCursor {
public:
    SequenceCursor() = default;
    /// At offset 0, which is at `sequence`.
    constexpr explicit SequenceCursor(std::uint32_t sequence) : sequence_(sequence) {}

    [[nodiscard]] constexpr std::uint64_t offset() const { return offset_; }
    [[nodiscard]] constexpr std::uint32_t sequence() const { return sequence_; }
    /// The sequence number of offset 0.
    [[nodiscard]] constexpr std::uint32_t origin() const { return sequence_ - static_cast<std::uint32_t>(offset_); }
    /// From here to `sequence`.
    [[nodiscard]] constexpr std::int64_t distance_to(std::uint32_t sequence) const {
        return sequence_distance(sequence_, sequence);
    }
    /// The offset that `sequence` stands for, taken as the one nearest to here; negative before the stream's
    /// start.
    [[nodiscard]] constexpr std::int64_t offset_of(std::uint32_t sequence) const {
        return static_cast<std::int64_t>(offset_) + distance_to(sequence);
    }
    constexpr void advance(std::uint64_t count) {
        offset_ += count;
        sequence_ += static_cast<std::uint32_t>(count);
    }
    /// Goes on at another sequence number without moving the offset, where an unknown number of bytes was
    /// lost.
    constexpr void jump_to(std::uint32_t sequence) { sequence_ = sequence; }

private:
    std::uint64_t offset_ = 0;
    std::uint32_t sequence_ = 0;
};

}  // namespace understudy::capture
