#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>

#include "capture/packet/dissect.hpp"
#include "capture/stream/sequence.hpp"
#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::capture {

/// What became of a segment. Every TCP segment gets exactly one: where several fit, the first of this list.
enum class SegmentVerdict : std::uint8_t {
    overlap_conflict,  ///< differs from buffered bytes of the same place; those won. Its new bytes were used
    delivered,         ///< at least one new byte was handed over in order (or, if cut off, reported as a gap)
    buffered,          ///< has new bytes, all of which wait for missing ones before them, or for bytes of the other
                       ///< direction that the segment acknowledges
    after_close,       ///< bytes past the FIN, or anything after the connection's end
    late,              ///< bytes of the last gap, come after they had been given up
    retransmission,    ///< all was seen before (or lies before where the stream was joined); keep-alive probes
                       ///< too
    empty,             ///< nothing to deliver: a bare ACK, SYN or FIN
    beyond_window,     ///< further from the expected sequence number than any window is; dropped
    reset,             ///< a RST that ended its connection
    not_watched,       ///< neither port is a server's port
    no_flow,           ///< of no known connection, and not able to open one
};
inline constexpr std::size_t kSegmentVerdicts = 11;

/// Bytes of one direction that were never captured. A length of 0 means that nobody knows how many.
struct StreamGap {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    friend bool operator==(const StreamGap&, const StreamGap&) = default;
};

/// Where a Reassembler puts its stream: data and gaps in order of their offset, each byte once.
class StreamSink {
public:
    /// `bytes` is valid during the call. `time` is when the receiver could first read them, as far as the
    /// capture shows: when the last missing byte before them arrived.
    virtual void on_data(BytesView bytes, Timestamp time) = 0;
    virtual void on_gap(StreamGap gap, Timestamp time) = 0;

protected:
    ~StreamSink() = default;
};

/// The largest window that TCP can announce (RFC 7323 section 2.3). What is further away belongs to something
/// else.
inline constexpr std::int64_t kMaxWindow = std::int64_t{1} << 30U;
/// So many segments in a row outside the window are no strays: the capture missed more than a window. The
/// stream is then joined anew, after a gap of unknown length.
inline constexpr std::uint32_t kResyncSegments = 16;
/// What a buffered piece is charged beside its bytes, so that one-byte pieces are bounded too.
inline constexpr std::size_t kPieceOverhead = 128;

struct ReassemblyLimits {
    /// Out-of-order data of one direction, with kPieceOverhead for each piece. Past it, the hole before is
    /// given up.
    std::size_t max_buffered_bytes = std::size_t{16} << 20U;
    std::size_t max_buffered_pieces = 16384;
    /// Missing bytes are called lost only some time after the receiver acknowledged them, as an
    /// acknowledgement may be captured before the bytes it is for: the two directions come through different
    /// queues of the network card, and the kernel empties up to 64 packets of one queue (NAPI's budget)
    /// before it turns to the next. Twice that many segments of the connection, or a time far above what a
    /// packet stays in such a queue, is enough.
    std::uint32_t gap_patience_segments = 128;
    Duration gap_patience = Duration::milliseconds(200);
};

/// Puts the segments of one direction of a TCP connection into order.
///
/// Drive it with every segment of the direction (on_segment), every acknowledgement of the other
/// (on_peer_ack), and on_time while waiting(); close() at the end. A segment in order goes to the sink as a
/// view, without a copy; one that comes too early is copied and kept. Where segments overlap, the first one
/// captured wins. Bytes are declared a gap when (1) the snap length cut them off; (2) the receiver
/// acknowledged them, later data or the FIN was captured (or other data waits for them), and the patience of
/// ReassemblyLimits is over; (3) a limit is reached; (4) the stream is closed. Where wait_for() names the other
/// direction, data also waits until that one has handed over what the data's segment acknowledges: what its sender had
/// read comes before what it sent. Invariant: data and gaps that the sink received cover [0, next_offset()) exactly
/// once, in order. Memory: at most max_buffered_bytes and one segment. Pure; not thread-safe; `limits` outlives it.
class Reassembler {
public:
    explicit Reassembler(const ReassemblyLimits& limits) : limits_(&limits) {}

    /// Says that the first byte has this sequence number. Without it, the SYN or else the first segment with
    /// payload does.
    void anchor(std::uint32_t first_sequence);
    [[nodiscard]] bool anchored() const { return anchored_; }
    /// Names the other direction, which must stay where it is as long as this one. Its owner calls release() whenever
    /// the other has moved on, and sees to it that two that wait for each other go on (step_over).
    void wait_for(const Reassembler& other) { other_ = &other; }

    SegmentVerdict on_segment(const Segment& segment, Timestamp now, StreamSink& sink) {
        if (anchored_ && !ended_ && segment.sequence == next_.sequence() && !segment.payload.empty() &&
            buffered_bytes_ == 0 && segment.missing_payload == 0 && !segment.fin && !segment.syn &&
            needs_of(segment) == 0) {
            strays_ = 0;
            last_time_ = now;
            read_ = {segment.acknowledgement, segment.ack};
            next_.advance(segment.payload.size());
            sink.on_data(segment.payload, now);
            return SegmentVerdict::delivered;
        }
        return on_other_segment(segment, now, sink);
    }
    /// The other direction says that it has received everything before `acknowledgement`.
    void on_peer_ack(std::uint32_t acknowledgement, Timestamp now, StreamSink& sink) {
        if (anchored_ && next_.distance_to(acknowledgement) > 0) on_ack_ahead(acknowledgement, now, sink);
    }
    /// Declares the gaps whose patience is over, up to where the other direction goes on first. Whether there was one.
    bool on_time(Timestamp now, StreamSink& sink) { return judge_holes(now, sink); }
    /// Hands over what waited for the other direction and need not any more. Whether there was any.
    bool release(StreamSink& sink);
    /// Declares the next hole lost, or, when held(), hands over the next piece whatever it waits for.
    void step_over(Timestamp now, StreamSink& sink);
    /// Declares missing bytes before `offset` lost, up to where a piece is held.
    void settle(std::uint64_t offset, Timestamp now, StreamSink& sink);
    /// Hands out everything buffered now, with gaps where bytes are missing.
    void give_up_holes(Timestamp now, StreamSink& sink);
    /// The connection is over: hands out what is left, and what was acknowledged or announced by a FIN but
    /// never came as a gap. Call it once, last.
    void close(Timestamp now, StreamSink& sink);

    /// The place up to which the sink has received everything.
    [[nodiscard]] const SequenceCursor& next() const { return next_; }
    [[nodiscard]] std::uint64_t next_offset() const { return next_.offset(); }
    /// Whether everything up to the FIN was handed over.
    [[nodiscard]] bool finished() const { return ended_ && next_.offset() >= end_offset_; }
    /// Whether a hole is acknowledged and only patience keeps it from being a gap.
    [[nodiscard]] bool waiting() const { return peer_acked_ > next_.offset() && (has_hole() || awaited()); }
    /// Whether the next bytes are there and wait for the other direction only.
    [[nodiscard]] bool held() const { return buffered_bytes_ != 0 && pending_.begin()->first == next_.offset(); }
    /// Of the first piece, of which there must be one: the offset that the other direction has to reach; 0 for none.
    [[nodiscard]] std::uint64_t needs() const { return pending_.begin()->second.needs; }
    /// … and when it came.
    [[nodiscard]] Timestamp held_since() const { return pending_.begin()->second.time; }
    [[nodiscard]] bool over_limits() const {
        return buffered_bytes_ > limits_->max_buffered_bytes || pending_.size() > limits_->max_buffered_pieces;
    }
    [[nodiscard]] std::size_t buffered_bytes() const { return buffered_bytes_; }
    /// While the sink gets data: whether its sender had received exactly what the other direction has handed over.
    [[nodiscard]] bool caught_up() const {
        return read_.known && other_ != nullptr && other_->anchored_ &&
               other_->next_.sequence() == read_.acknowledgement;
    }

private:
    /// How much of the other direction the sender of a segment had received.
    struct Read {
        std::uint32_t acknowledgement = 0;
        bool known = false;
    };
    /// Data that came before its turn, or, with `data` empty, `length` bytes that the snap length cut off.
    struct Piece {
        std::uint64_t length = 0;
        Bytes data;
        Timestamp time;
        std::uint64_t needs = 0;  // offset that the other direction has to reach first
        Read read;
    };
    /// The part of a segment that may hold new bytes: first the data, then what was cut off.
    struct Span {
        std::uint64_t begin = 0;
        BytesView data;
        std::uint64_t missing = 0;
        [[nodiscard]] std::uint64_t data_end() const { return begin + data.size(); }
        [[nodiscard]] std::uint64_t end() const { return data_end() + missing; }
        void drop_front(std::uint64_t count);
        void drop_back(std::uint64_t count);
    };
    struct Taken {
        bool delivered = false;
        bool buffered = false;
        std::uint64_t needs = 0;  // as in Piece
        Read read;
    };

    SegmentVerdict on_other_segment(const Segment& segment, Timestamp now, StreamSink& sink);
    SegmentVerdict take(const Segment& segment, std::int64_t begin, Timestamp now, StreamSink& sink);
    void on_ack_ahead(std::uint32_t acknowledgement, Timestamp now, StreamSink& sink);
    void join_anew(std::uint32_t sequence, Timestamp now, StreamSink& sink);
    void note_fin(std::uint64_t end);
    [[nodiscard]] bool conflicts(const Span& span) const;
    void absorb(std::uint64_t begin, std::uint64_t length, BytesView data, Timestamp now, StreamSink& sink,
                Taken& taken);
    /// How far the other direction need not wait any more.
    [[nodiscard]] std::uint64_t passed() const {
        return finished() ? std::numeric_limits<std::uint64_t>::max() : std::max(next_.offset(), excused_);
    }
    /// The offset that an acknowledgement of this stream stands for, or 0 when it is passed or means something else.
    [[nodiscard]] std::uint64_t lacking(std::uint32_t acknowledgement) const {
        const std::int64_t distance = next_.distance_to(acknowledgement);
        if (distance <= 0 || distance > kMaxWindow || !anchored_) return 0;
        const std::uint64_t offset = next_.offset() + static_cast<std::uint64_t>(distance);
        return offset > passed() ? offset : 0;
    }
    [[nodiscard]] std::uint64_t needs_of(const Segment& segment) const {
        return segment.ack && other_ != nullptr ? other_->lacking(segment.acknowledgement) : 0;
    }
    /// Whether the other direction holds data back until this one has handed over more.
    [[nodiscard]] bool awaited() const { return other_ != nullptr && other_->held() && other_->needs() > passed(); }
    void hand_over_first(Timestamp not_before, StreamSink& sink);
    void hand_over(BytesView data, std::uint64_t length, Timestamp time, StreamSink& sink);
    void drain(Timestamp not_before, StreamSink& sink);
    void give_up(std::uint64_t up_to, Timestamp now, StreamSink& sink);
    bool judge_holes(Timestamp now, StreamSink& sink);
    void enforce_limits(Timestamp now, StreamSink& sink);
    [[nodiscard]] bool has_hole() const { return buffered_bytes_ != 0 || (ended_ && next_.offset() < end_offset_); }
    [[nodiscard]] std::uint64_t hole_end() const {
        if (!pending_.empty()) return pending_.begin()->first;
        return ended_ ? end_offset_ : std::numeric_limits<std::uint64_t>::max();
    }

    // What a segment in order reads comes first, in one cache line: there may be a hundred thousand streams.
    SequenceCursor next_;
    std::uint32_t strays_ = 0;
    bool anchored_ = false;
    bool ended_ = false;  // a FIN was seen; it stands behind the byte before end_offset_
    Timestamp last_time_;
    Read read_;                       // of the data handed over last
    std::size_t buffered_bytes_ = 0;  // 0 exactly when pending_ is empty, as each piece counts with its overhead
    const Reassembler* other_ = nullptr;
    std::uint64_t peer_acked_ = 0;  // offset up to which the receiver has everything; only looked at above next_
    const ReassemblyLimits* limits_;

    std::uint64_t end_offset_ = 0;
    std::uint64_t excused_ = 0;        // the other direction does not wait for what is before
    std::uint64_t suspect_until_ = 0;  // bytes in [next_, here) were acknowledged at suspect_since_
    Timestamp suspect_since_;
    std::uint32_t suspect_segments_ = 0;  // segments of the connection since then
    StreamGap last_gap_;
    std::map<std::uint64_t, Piece> pending_;  // by offset, from next_ on, never overlapping
};

}  // namespace understudy::capture
