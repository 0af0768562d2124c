#include "capture/stream/flow_table.hpp"

#include <cstdlib>
#include <tuple>

namespace understudy::capture {

/// Passes one direction's stream on to the listener, and counts.
class FlowTable::Sink final : public StreamSink {
public:
    Sink(FlowTable& table, const Flow& flow, Direction direction)
        : table_(&table),
          flow_(flow.ref),
          direction_(direction),
          stream_(&flow.streams[static_cast<std::size_t>(direction)]) {}

    void on_data(BytesView bytes, Timestamp time) override {
        table_->counters_.bytes_delivered += bytes.size();
        table_->listener_->on_data(flow_, direction_, bytes, time, stream_->caught_up());
    }
    void on_gap(StreamGap gap, Timestamp time) override {
        ++table_->counters_.gaps;
        table_->counters_.gap_bytes += gap.length;
        if (gap.length == 0) ++table_->counters_.gaps_of_unknown_length;
        table_->listener_->on_gap(flow_, direction_, gap.length, time);
    }

private:
    FlowTable* table_;
    FlowRef flow_;
    Direction direction_;
    const Reassembler* stream_;
};

namespace {

constexpr std::array<Direction, 2> kDirections{Direction::to_server, Direction::to_client};

constexpr std::size_t index_of(Direction direction) { return static_cast<std::size_t>(direction); }
constexpr Direction opposite(Direction direction) {
    return direction == Direction::to_server ? Direction::to_client : Direction::to_server;
}

bool bears_payload(const Segment& segment) {
    return segment.payload.size() + segment.missing_payload >= kMinJoinPayload;
}

bool is_lower(const Endpoint& a, const Endpoint& b) {
    return a.port != b.port ? a.port < b.port : a.address < b.address;
}

}  // namespace

FlowTable::FlowTable(const FlowTableOptions& options, FlowListener& listener)
    : reassembly_(options.reassembly),
      max_open_flows_(options.max_open_flows == 0 ? 1 : options.max_open_flows),
      max_closed_flows_(options.max_closed_flows),
      max_buffered_bytes_(options.max_buffered_bytes),
      closed_memory_(options.closed_memory),
      listener_(&listener) {
    for (const std::uint16_t port : options.server_ports) server_ports_.set(port);
}

void FlowTable::on_packet(int link_type, BytesView packet, std::uint32_t original_length, Timestamp now) {
    Segment segment;
    const DissectVerdict verdict = dissect(link_type, packet, original_length, segment);
    ++counters_.packets_total;
    ++counters_.packets[static_cast<std::size_t>(verdict)];
    if (verdict == DissectVerdict::tcp) on_segment(segment, now);
}

SegmentVerdict FlowTable::on_segment(const Segment& segment, Timestamp now) {
    advance(now);
    const SegmentVerdict verdict = route(segment, now);
    ++counters_.segments[static_cast<std::size_t>(verdict)];
    return verdict;
}

void FlowTable::advance(Timestamp now) {
    while (!gap_checks_.empty() && gap_checks_.front().time <= now) {
        const Due due = gap_checks_.front();
        gap_checks_.pop_front();
        check_gaps(due, now);
    }
    while (!closed_.empty() && (closed_.front().time <= now || closed_.size() > max_closed_flows_)) {
        const Due due = closed_.front();
        closed_.pop_front();
        if (is_current(due)) forget(due.slot);
    }
}

void FlowTable::finish(Timestamp now) {
    while (oldest_ != kNoSlot) close(oldest_, CloseReason::end_of_capture, now);
}

SegmentVerdict FlowTable::route(const Segment& segment, Timestamp now) {
    if (!server_ports_[segment.source.port] && !server_ports_[segment.destination.port]) {
        return SegmentVerdict::not_watched;
    }
    const bool source_is_low = is_lower(segment.source, segment.destination);
    const Key key = source_is_low ? Key{segment.source, segment.destination} : Key{segment.destination, segment.source};
    const auto found = slots_.find(key);
    Slot slot = found == slots_.end() ? kNoSlot : found->second;
    if (slot != kNoSlot && starts_anew(flows_[slot], segment, direction_of(flows_[slot], source_is_low))) {
        if (flows_[slot].closed) {
            forget(slot);
        } else {
            close(slot, CloseReason::reuse, now);
        }
        slot = kNoSlot;
    }
    if (slot == kNoSlot) {
        if (segment.rst || (!segment.syn && !bears_payload(segment))) return SegmentVerdict::no_flow;
        slot = open(key, segment, source_is_low, now);
    }
    if (flows_[slot].closed) return SegmentVerdict::after_close;
    return feed(slot, segment, direction_of(flows_[slot], source_is_low), now);
}

/// Whether a segment with the addresses and ports of a known connection belongs to a new one.
bool FlowTable::starts_anew(const Flow& flow, const Segment& segment, Direction direction) {
    const Reassembler& stream = flow.streams[index_of(direction)];
    if (segment.rst) return false;
    if (segment.syn) {
        const bool same = stream.anchored() ? stream.next().origin() == segment.sequence + 1 : flow.saw_syn;
        return !same || (flow.closed && !segment.ack);
    }
    return flow.closed && bears_payload(segment) && stream.anchored() &&
           std::abs(stream.next().distance_to(segment.sequence)) > kTailReach;
}

Direction FlowTable::direction_of(const Flow& flow, bool source_is_low) {
    return flow.server_is_low == source_is_low ? Direction::to_client : Direction::to_server;
}

bool FlowTable::server_is_low(const Key& key, const Segment& segment, bool source_is_low) const {
    const bool low_listed = server_ports_[key.low.port];
    if (low_listed != server_ports_[key.high.port]) return low_listed;
    if (segment.syn) return segment.ack == source_is_low;  // a SYN goes to the server, a SYN-ACK comes from it
    return key.low.port != key.high.port || !source_is_low;
}

FlowTable::Slot FlowTable::open(const Key& key, const Segment& segment, bool source_is_low, Timestamp now) {
    if (open_flows_ >= max_open_flows_) close(oldest_, CloseReason::idle_limit, now);
    Slot slot = static_cast<Slot>(flows_.size());
    if (free_.empty()) {
        flows_.emplace_back(reassembly_, key);
    } else {
        slot = free_.back();
        free_.pop_back();
        flows_[slot] = Flow(reassembly_, key);
    }
    slots_.emplace(key, slot);
    Flow& flow = flows_[slot];
    flow.streams[0].wait_for(flow.streams[1]);
    flow.streams[1].wait_for(flow.streams[0]);
    flow.server_is_low = server_is_low(key, segment, source_is_low);
    flow.saw_syn = segment.syn;
    flow.active = now;
    flow.ref.id = next_id_;
    next_id_ = next_id_.next();
    ++open_flows_;
    ++counters_.flows_opened;
    if (!segment.syn) ++counters_.flows_joined_midway;
    link_newest(slot);
    const Endpoint& server = flow.server_is_low ? key.low : key.high;
    const Endpoint& client = flow.server_is_low ? key.high : key.low;
    flow.ref.user = listener_->on_open({flow.ref.id, client, server, now, flow.saw_syn});
    return slot;
}

SegmentVerdict FlowTable::feed(Slot slot, const Segment& segment, Direction direction, Timestamp now) {
    Flow& flow = flows_[slot];
    if (now - flow.active >= kActivityResolution) {
        unlink(slot);
        link_newest(slot);
        flow.active = now;
    }
    Reassembler& own = flow.streams[index_of(direction)];
    Reassembler& peer = flow.streams[index_of(opposite(direction))];
    if (segment.rst) {  // its payload, if any, is not of the stream (RFC 9293 section 3.5.2)
        if (own.anchored() && std::abs(own.next().distance_to(segment.sequence)) > kMaxWindow) {
            return SegmentVerdict::beyond_window;
        }
        close(slot, CloseReason::reset, now);
        return SegmentVerdict::reset;
    }
    // The first acknowledgement says where the other stream begins, even when the other SYN was not captured. Joined
    // midway, what lies before it was received before the join, and what is missing behind it is a gap.
    if (segment.ack && !peer.anchored()) peer.anchor(segment.acknowledgement);

    Sink own_sink(*this, flow, direction);
    Sink peer_sink(*this, flow, opposite(direction));
    const std::size_t before = own.buffered_bytes() + peer.buffered_bytes();
    const SegmentVerdict verdict = own.on_segment(segment, now, own_sink);
    if (segment.ack) peer.on_peer_ack(segment.acknowledgement, now, peer_sink);
    if (own.held() || peer.held()) release(flow, now);
    while (own.over_limits() || peer.over_limits()) relieve(flow, now);
    const std::size_t after = own.buffered_bytes() + peer.buffered_bytes();
    buffered_bytes_ += after - before;
    if (after > before && buffered_bytes_ > max_buffered_bytes_) {
        while (own.buffered_bytes() + peer.buffered_bytes() != 0) relieve(flow, now);
        buffered_bytes_ -= after;
    }
    if (own.waiting() || peer.waiting()) queue_gap_check(slot, now);
    close_if_finished(slot, now);
    return verdict;
}

void FlowTable::queue_gap_check(Slot slot, Timestamp now) {
    Flow& flow = flows_[slot];
    if (flow.gap_check_queued) return;
    flow.gap_check_queued = true;
    gap_checks_.push_back({now + reassembly_.gap_patience, slot, flow.ref.id});
}

void FlowTable::check_gaps(const Due& due, Timestamp now) {
    if (!is_current(due) || flows_[due.slot].closed) return;
    Flow& flow = flows_[due.slot];
    flow.gap_check_queued = false;
    buffered_bytes_ -= flow.buffered_bytes();
    release(flow, now);
    buffered_bytes_ += flow.buffered_bytes();
    if (flow.streams[0].waiting() || flow.streams[1].waiting()) queue_gap_check(due.slot, now);
    close_if_finished(due.slot, now);
}

/// Hands over what waited for data of the other direction that has come or was given up. Of two pieces that wait for
/// each other, which no honest ends send, the earlier one goes first.
void FlowTable::release(Flow& flow, Timestamp now) {
    auto& [to_server, to_client] = flow.streams;
    Sink server_sink(*this, flow, Direction::to_server);
    Sink client_sink(*this, flow, Direction::to_client);
    for (;;) {
        if (to_server.release(server_sink) || to_client.release(client_sink)) continue;
        if (to_server.on_time(now, server_sink) || to_client.on_time(now, client_sink)) continue;
        if (!to_server.held() || !to_client.held()) return;
        if (to_client.held_since() < to_server.held_since()) {
            to_client.step_over(now, client_sink);
        } else {
            to_server.step_over(now, server_sink);
        }
    }
}

/// Makes way for the earliest piece held back by the flow, of which there must be one.
void FlowTable::relieve(Flow& flow, Timestamp now) {
    auto& [to_server, to_client] = flow.streams;
    Sink server_sink(*this, flow, Direction::to_server);
    Sink client_sink(*this, flow, Direction::to_client);
    const bool of_server = to_server.buffered_bytes() == 0 ||
                           (to_client.buffered_bytes() != 0 && to_client.held_since() < to_server.held_since());
    Reassembler& first = of_server ? to_client : to_server;
    if (first.held()) {
        (of_server ? to_server : to_client).settle(first.needs(), now, of_server ? server_sink : client_sink);
    } else {
        first.step_over(now, of_server ? client_sink : server_sink);
    }
    release(flow, now);
}

void FlowTable::close_if_finished(Slot slot, Timestamp now) {
    const Flow& flow = flows_[slot];
    if (flow.streams[0].finished() && flow.streams[1].finished()) close(slot, CloseReason::fin, now);
}

void FlowTable::close(Slot slot, CloseReason reason, Timestamp now) {
    Flow& flow = flows_[slot];
    buffered_bytes_ -= flow.buffered_bytes();
    while (flow.buffered_bytes() != 0) relieve(flow, now);
    for (const Direction direction : kDirections) {
        Sink sink(*this, flow, direction);
        flow.streams[index_of(direction)].close(now, sink);
    }
    listener_->on_close(flow.ref, reason, now);
    ++counters_.flows_closed[static_cast<std::size_t>(reason)];
    --open_flows_;
    unlink(slot);
    flow.closed = true;
    if (reason == CloseReason::fin || reason == CloseReason::reset) {
        closed_.push_back({now + closed_memory_, slot, flow.ref.id});
    } else {
        forget(slot);
    }
}

void FlowTable::forget(Slot slot) {
    slots_.erase(flows_[slot].key);
    flows_[slot].ref.id = FlowId();
    free_.push_back(slot);
}

void FlowTable::link_newest(Slot slot) {
    flows_[slot].older = newest_;
    flows_[slot].newer = kNoSlot;
    (newest_ == kNoSlot ? oldest_ : flows_[newest_].newer) = slot;
    newest_ = slot;
}

void FlowTable::unlink(Slot slot) {
    const Flow& flow = flows_[slot];
    (flow.older == kNoSlot ? oldest_ : flows_[flow.older].newer) = flow.newer;
    (flow.newer == kNoSlot ? newest_ : flows_[flow.newer].older) = flow.older;
}

}  // namespace understudy::capture
