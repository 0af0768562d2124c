#pragma once

#include <array>
#include <bitset>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "capture/packet/dissect.hpp"
#include "capture/stream/reassembler.hpp"
#include "capture/stream/stream_counters.hpp"
#include "core/base/strong_id.hpp"
#include "core/base/time.hpp"

namespace understudy::capture {

enum class Direction : std::uint8_t { to_server, to_client };

/// One captured TCP connection. Never used again in a run, also when addresses and ports are.
using FlowId = StrongId<std::uint64_t, struct FlowTag>;

struct FlowOpened {
    FlowId id;
    Endpoint client;
    Endpoint server;
    Timestamp time;
    bool saw_syn = false;  ///< false: joined midway, and bytes before the first ones delivered are unknown
};

/// A flow, with the number that the listener gave it when it opened.
struct FlowRef {
    FlowId id;
    std::uint32_t user = 0;
};

/// Receives the connections. For each flow: on_open, then on_data and on_gap in the order of each direction's
/// stream, then on_close. Must not call back into the FlowTable, nor throw.
class FlowListener {
public:
    virtual ~FlowListener() = default;
    /// Returns a number of the listener's own (an index into its vector, say), which later calls bring back.
    virtual std::uint32_t on_open(const FlowOpened& flow) = 0;
    /// `bytes` is valid during the call. Data held back for a missing segment keeps its own, earlier time
    /// (see StreamSink), so times of the two directions may interleave out of order by
    /// ReassemblyLimits::gap_patience.
    /// Data of one side comes after the data of the other side that its segment acknowledges, or the gap in its place.
    /// `caught_up`: the segment acknowledges all of the other side's that came before it, neither more nor less.
    virtual void on_data(FlowRef flow, Direction direction, BytesView bytes, Timestamp time, bool caught_up) = 0;
    /// `length` bytes were never captured; 0 when nobody knows how many.
    virtual void on_gap(FlowRef flow, Direction direction, std::uint64_t length, Timestamp time) = 0;
    virtual void on_close(FlowRef flow, CloseReason reason, Timestamp time) = 0;
};

struct FlowTableOptions {
    /// Segments from or to none of these are not watched. Where both ends are in the set, the SYN's receiver
    /// is the server; without a SYN the lower port is, and of equal ports the first segment's receiver.
    std::vector<std::uint16_t> server_ports;
    std::size_t max_open_flows = 200'000;
    /// Ended connections are remembered so that their last packets do not open a new flow: twice Linux's
    /// TIME_WAIT.
    std::size_t max_closed_flows = 65'536;
    Duration closed_memory = Duration::seconds(120);
    /// Out-of-order data of all flows together. Past it, whoever buffers more gives up its holes.
    std::size_t max_buffered_bytes = std::size_t{512} << 20U;
    ReassemblyLimits reassembly;
};

/// A midway join needs that many bytes: a keep-alive probe brings one byte that is not of the stream (RFC
/// 9293 section 3.8.4).
inline constexpr std::size_t kMinJoinPayload = 2;
/// Segments this near to where a connection ended are its tail; others with the same ports are of a new one.
inline constexpr std::int64_t kTailReach = std::int64_t{16} << 20U;
/// How exactly the activity of flows is ordered for the idle limit.
inline constexpr Duration kActivityResolution = Duration::seconds(1);

/// Sorts packets into connections and connections into two ordered byte streams.
///
/// Drive it with on_packet, advance() while no packets come, finish() at the end. A flow opens on a SYN or
/// SYN-ACK, or midway on a segment with payload; half-closed it goes on; it ends as CloseReason says. Pure:
/// time is what the packets say. Not thread-safe. Memory: bounded by the options. No allocation for a segment
/// in order.
class FlowTable {
public:
    FlowTable(const FlowTableOptions& options, FlowListener& listener);
    FlowTable(const FlowTable&) = delete;
    FlowTable& operator=(const FlowTable&) = delete;

    /// See dissect().
    void on_packet(int link_type, BytesView packet, std::uint32_t original_length, Timestamp now);
    SegmentVerdict on_segment(const Segment& segment, Timestamp now);
    /// Lets time pass: declares gaps whose patience is over, forgets ended connections.
    void advance(Timestamp now);
    /// Closes every flow, the longest idle first.
    void finish(Timestamp now);

    [[nodiscard]] const StreamCounters& counters() const { return counters_; }
    [[nodiscard]] std::size_t open_flows() const { return open_flows_; }
    /// Out-of-order data held now, in bytes with kPieceOverhead for each piece.
    [[nodiscard]] std::size_t buffered_bytes() const { return buffered_bytes_; }

private:
    using Slot = std::uint32_t;
    static constexpr Slot kNoSlot = std::numeric_limits<Slot>::max();
    class Sink;

    struct Key {  // `low` has the lower port, then the lower address: the same key for both directions
        Endpoint low, high;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        using is_avalanching = void;
        std::size_t operator()(const Key& key) const noexcept {
            return mix_words(std::hash<Endpoint>{}(key.low), std::hash<Endpoint>{}(key.high));
        }
    };
    struct Flow {
        Flow(const ReassemblyLimits& limits, const Key& flow_key)
            : key(flow_key), streams{Reassembler(limits), Reassembler(limits)} {}
        FlowRef ref;
        Timestamp active;
        bool server_is_low = false;
        bool saw_syn = false;
        bool closed = false;  // only remembered, see max_closed_flows
        bool gap_check_queued = false;
        Slot older = kNoSlot;  // open flows are linked in the order of their activity
        Slot newer = kNoSlot;
        Key key;
        std::array<Reassembler, 2> streams;  // by Direction
        [[nodiscard]] std::size_t buffered_bytes() const {
            return streams[0].buffered_bytes() + streams[1].buffered_bytes();
        }
    };
    struct Due {
        Timestamp time;
        Slot slot = kNoSlot;
        FlowId id;
    };

    SegmentVerdict route(const Segment& segment, Timestamp now);
    SegmentVerdict feed(Slot slot, const Segment& segment, Direction direction, Timestamp now);
    [[nodiscard]] static bool starts_anew(const Flow& flow, const Segment& segment, Direction direction);
    [[nodiscard]] static Direction direction_of(const Flow& flow, bool source_is_low);
    [[nodiscard]] bool server_is_low(const Key& key, const Segment& segment, bool source_is_low) const;
    Slot open(const Key& key, const Segment& segment, bool source_is_low, Timestamp now);
    void close(Slot slot, CloseReason reason, Timestamp now);
    void close_if_finished(Slot slot, Timestamp now);
    void forget(Slot slot);
    void release(Flow& flow, Timestamp now);
    void relieve(Flow& flow, Timestamp now);
    void check_gaps(const Due& due, Timestamp now);
    void queue_gap_check(Slot slot, Timestamp now);
    void link_newest(Slot slot);
    void unlink(Slot slot);
    [[nodiscard]] bool is_current(const Due& due) const { return flows_[due.slot].ref.id == due.id; }

    ReassemblyLimits reassembly_;
    std::size_t max_open_flows_;
    std::size_t max_closed_flows_;
    std::size_t max_buffered_bytes_;
    Duration closed_memory_;
    FlowListener* listener_;
    std::bitset<65536> server_ports_;
    boost::unordered_flat_map<Key, Slot, KeyHash> slots_;
    std::deque<Flow> flows_;  // by Slot; a deque, as flows stay where they are while it grows
    std::vector<Slot> free_;
    std::deque<Due> gap_checks_;  // one for each flow that waits, in the order in which they began
    std::deque<Due> closed_;      // in the order of closing
    Slot oldest_ = kNoSlot;
    Slot newest_ = kNoSlot;
    std::size_t open_flows_ = 0;
    std::size_t buffered_bytes_ = 0;
    FlowId next_id_{1};
    StreamCounters counters_;
};

}  // namespace understudy::capture
