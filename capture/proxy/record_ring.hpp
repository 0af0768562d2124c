#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "capture/stream/flow_table.hpp"
#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::capture {

struct TappedSession;

/// What is handed from an I/O thread to the recorder.
struct RecordItem {
    enum class Kind : std::uint8_t { padding, opened, data, gap, closed };
    TappedSession* session = nullptr;
    Timestamp time;
    std::uint64_t gap_length = 0;  ///< of a gap
    std::uint32_t length = 0;      ///< of the bytes that follow
    Kind kind = Kind::padding;
    Direction direction = Direction::to_server;
    bool reset = false;  ///< closed: by a RST
};

/// A queue from one thread to one other, of pieces of bytes: a ring of fixed size, no lock, no allocation. The writer
/// never waits; what does not fit is refused. The reader looks when it likes.
class RecordRing {
public:
    /// Left free by data, so that the end of a session nearly always fits.
    static constexpr std::size_t kReserve = 64U << 10U;

    /// `capacity` is rounded up to a power of two of at least 4 * kReserve.
    explicit RecordRing(std::size_t capacity);

    /// Writer: copies the item and its bytes in. False when there is no room for them and `spare` bytes more.
    bool push(RecordItem item, BytesView bytes, std::size_t spare = 0);

    /// Reader: the oldest item; `bytes` borrows from the ring until pop().
    std::optional<RecordItem> front(BytesView& bytes);
    /// Reader: lets go of what front() gave.
    void pop(const RecordItem& item);
    [[nodiscard]] std::size_t capacity() const { return mask_ + 1; }

private:
    static std::size_t footprint(std::size_t length);

    std::size_t mask_;
    std::unique_ptr<char[]> bytes_;
    alignas(64) std::atomic<std::uint64_t> written_{0};
    std::uint64_t read_seen_ = 0;  // of the writer: how far the reader was when last looked
    alignas(64) std::atomic<std::uint64_t> read_{0};
};

}  // namespace understudy::capture
