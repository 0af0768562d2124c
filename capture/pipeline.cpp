#include "capture/pipeline.hpp"

namespace understudy::capture {

SessionId session_id(const FlowOpened& flow) {
    const std::uint64_t ends = mix_words(std::hash<Endpoint>{}(flow.client), std::hash<Endpoint>{}(flow.server));
    return SessionId(mix_words(ends, static_cast<std::uint64_t>(flow.time.ns())) | 1U);  // never 0
}

CapturePipeline::CapturePipeline(const PipelineOptions& options, const Digester& digester, EventSink& sink)
    : tap_(inference_, sink), context_{digester, options.policy, tap_, {}, {}, {}}, flows_(options.flows, *this) {
    if (options.redaction) redaction_ = options.redaction(context_.counters);
    context_.redaction = redaction_.get();
}

void CapturePipeline::on_packet(int link_type, BytesView packet, std::uint32_t original_length, Timestamp time) {
    now_ = time;
    if (!context_.seen_since.known()) context_.seen_since = time;
    flows_.on_packet(link_type, packet, original_length, time);
}

void CapturePipeline::advance(Timestamp now) {
    now_ = now;
    flows_.advance(now);
}

void CapturePipeline::finish(const PcapStats& stats) {
    flows_.finish(now_);
    StatementInference::Outcome inferred = inference_.resolve(now_);
    if (inferred.requests > 0) context_.counters["requests.inferred"] = inferred.requests;
    for (StatementInferred& statement : inferred.statements) context_.sink.on_event(std::move(statement));
    context_.sink.on_event(counters(stats));
}

void CapturePipeline::identify(const Endpoint& client, const SessionIdentity& known) {
    const auto [begin, end] = by_client_.equal_range(client);
    for (auto it = begin; it != end; ++it) connections_[it->second].decoder->identify(known, now_);
    if (identities_.size() < kMaxIdentities || identities_.count(client) != 0) identities_[client] = known;
}

std::uint32_t CapturePipeline::on_open(const FlowOpened& flow) {
    auto decoder = std::make_unique<SessionDecoder>(session_id(flow), flow, context_);
    if (const auto known = identities_.find(flow.client); known != identities_.end()) {
        if (flow.saw_syn) {  // the ports are used again
            identities_.erase(known);
        } else {
            decoder->identify(known->second, flow.time);
        }
    }
    auto slot = static_cast<std::uint32_t>(connections_.size());
    if (free_.empty()) {
        connections_.push_back({flow.client, std::move(decoder)});
    } else {
        slot = free_.back();
        free_.pop_back();
        connections_[slot] = {flow.client, std::move(decoder)};
    }
    by_client_.emplace(flow.client, slot);
    return slot;
}

void CapturePipeline::on_data(FlowRef flow, Direction direction, BytesView bytes, Timestamp time, bool caught_up) {
    connections_[flow.user].decoder->on_data(direction, bytes, time, caught_up);
}

void CapturePipeline::on_gap(FlowRef flow, Direction direction, std::uint64_t length, Timestamp time) {
    connections_[flow.user].decoder->on_gap(direction, length, time);
}

void CapturePipeline::on_close(FlowRef flow, CloseReason reason, Timestamp time) {
    Connection& connection = connections_[flow.user];
    connection.decoder->on_close(reason, time);
    connection.decoder.reset();
    const auto [begin, end] = by_client_.equal_range(connection.client);
    for (auto it = begin; it != end; ++it) {
        if (it->second != flow.user) continue;
        by_client_.erase(it);
        break;
    }
    if (reason == CloseReason::idle_limit) {
        context_.seen_since = time;  // it may come back as if it had never been seen
    } else {
        identities_.erase(connection.client);
    }
    free_.push_back(flow.user);
}

PipelineProgress CapturePipeline::progress() const {
    const StreamCounters& streams = flows_.counters();
    PipelineProgress progress;
    progress.packets = streams.packets_total;
    progress.sessions = streams.flows_opened;
    progress.open_sessions = flows_.open_flows();
    progress.bytes = streams.bytes_delivered;
    const auto startups = context_.counters.find("messages.frontend.StartupMessage");
    const auto joined = context_.counters.find("sessions.joined");
    for (const auto& found : {startups, joined}) {
        if (found != context_.counters.end()) progress.postgresql_sessions += found->second;
    }
    return progress;
}

Counters CapturePipeline::counters(const PcapStats& stats) const {
    Counters counters = context_.named_counters();
    flows_.counters().for_each([&](std::string_view name, std::uint64_t value) {
        if (value > 0) counters.values[std::string(name)] += value;
    });
    constexpr std::array<std::pair<const char*, const char*>, 4> kLostPackets{
        {{"packets.fragment", "loss.ip_fragments"},
         {"packets.truncated", "loss.truncated_packets"},
         {"packets.malformed", "loss.malformed_packets"},
         {"packets.unsupported_link", "loss.unsupported_link_packets"}}};
    for (const auto& [packets, loss] : kLostPackets) {
        if (const auto found = counters.values.find(packets); found != counters.values.end()) {
            counters.values[loss] = found->second;
        }
    }
    counters.values["loss.kernel_drops"] = stats.dropped_by_kernel;
    counters.values["loss.interface_drops"] = stats.dropped_by_interface;
    return counters;
}

}  // namespace understudy::capture
