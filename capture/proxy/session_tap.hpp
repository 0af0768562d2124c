#pragma once

#include <array>
#include <deque>
#include <optional>

#include "capture/proxy/proxy_counts.hpp"
#include "capture/proxy/record_ring.hpp"
#include "capture/session/session_decoder.hpp"

namespace understudy::capture {

/// A session on its way through the queue: made where it is relayed, then the recorder's, which ends it.
struct TappedSession {
    FlowOpened flow;
    std::optional<SessionDecoder> decoder;
};

/// The writing end of one I/O thread's ring, shared by its connections. Ends of sessions that found no room wait here;
/// at most as many as the recorder knows sessions.
class RingWriter {
public:
    RingWriter(std::size_t capacity, ProxyCounts& counts) : ring_(capacity), counts_(counts) {}

    bool push(const RecordItem& item, BytesView bytes = {}, std::size_t spare = 0);
    void push_surely(const RecordItem& item);
    /// Tries again with what waits. True when nothing waits any more.
    bool push_waiting();
    [[nodiscard]] RecordRing& ring() { return ring_; }
    [[nodiscard]] ProxyCounts& counts() { return counts_; }

private:
    RecordRing ring_;
    ProxyCounts& counts_;
    std::deque<RecordItem> waiting_;
};

/// One connection's way into the recording. Never waits: what the queue has no room for becomes a gap, whose length is
/// kept until the queue takes it, before any later piece of the same direction.
class SessionTap {
public:
    /// A connection that is not recorded.
    SessionTap() = default;
    SessionTap(RingWriter& writer, const FlowOpened& flow);
    SessionTap(const SessionTap&) = delete;
    SessionTap& operator=(const SessionTap&) = delete;
    SessionTap(SessionTap&& other) noexcept { *this = std::move(other); }
    SessionTap& operator=(SessionTap&& other) noexcept;
    ~SessionTap() = default;

    void on_data(Direction direction, BytesView bytes, Timestamp time);
    void on_close(bool reset, Timestamp time);

private:
    bool push_data(Direction direction, BytesView bytes, Timestamp time);

    RingWriter* writer_ = nullptr;
    TappedSession* session_ = nullptr;  // the recorder's, from its first item on
    std::array<std::uint64_t, 2> missed_{};
};

}  // namespace understudy::capture
