#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "capture/session/session_decoder.hpp"
#include "capture/session/statement_inference.hpp"
#include "capture/source/pcap_source.hpp"
#include "capture/stream/flow_table.hpp"
#include "core/model/event.hpp"

namespace understudy::capture {

struct PipelineOptions {
    FlowTableOptions flows;
    ResultsPolicy policy = ResultsPolicy::digest;
    RedactionMaker redaction;
};

struct PipelineProgress {
    std::uint64_t packets = 0;
    std::uint64_t sessions = 0;
    std::uint64_t open_sessions = 0;
    std::uint64_t bytes = 0;
    std::uint64_t postgresql_sessions = 0;  ///< that began with a StartupMessage or were joined
};

/// Packets in, events out: dissection, reassembly, one decoder a connection. Pure: time is that of the packets. One
/// thread.
///
/// Drive it: on_packet() for each packet, advance() while there are none, then finish(), which ends open sessions,
/// says which statements that were never seen prepared can be inferred, and writes the counters.
class CapturePipeline final : public PacketHandler, private FlowListener {
public:
    /// The references must outlive the pipeline.
    CapturePipeline(const PipelineOptions& options, const Digester& digester, EventSink& sink);

    void on_packet(int link_type, BytesView packet, std::uint32_t original_length, Timestamp time) override;
    /// Tells the time while no packets come.
    void advance(Timestamp now);
    void finish(const PcapStats& stats);
    /// Says who connects from `client`, as pg_stat_activity has it: user, database, application and process id; with
    /// `server` set, only where the session's server is that one. For the session of that client if it is open and its
    /// start-up packet was not seen, else for one that is joined later, until the client connects anew. At most
    /// kMaxIdentities wait; more are ignored.
    void identify(const Endpoint& client, const SessionIdentity& known);
    static constexpr std::size_t kMaxIdentities = 100'000;
    [[nodiscard]] PipelineProgress progress() const;
    /// All counters by name, as the file has them.
    [[nodiscard]] Counters counters(const PcapStats& stats) const;

private:
    std::uint32_t on_open(const FlowOpened& flow) override;
    void on_data(FlowRef flow, Direction direction, BytesView bytes, Timestamp time, bool caught_up) override;
    void on_gap(FlowRef flow, Direction direction, std::uint64_t length, Timestamp time) override;
    void on_close(FlowRef flow, CloseReason reason, Timestamp time) override;

    /// Shows the events to the inference on their way.
    class Tap final : public EventSink {
    public:
        Tap(StatementInference& inference, EventSink& sink) : inference_(inference), sink_(sink) {}
        void on_event(Event&& event) override {
            inference_.on_event(event);
            sink_.on_event(std::move(event));
        }

    private:
        StatementInference& inference_;
        EventSink& sink_;
    };

    StatementInference inference_;
    Tap tap_;
    DecodeContext context_;
    std::unique_ptr<Redaction> redaction_;
    FlowTable flows_;
    struct Connection {
        Endpoint client;
        std::unique_ptr<SessionDecoder> decoder;
    };
    std::vector<Connection> connections_;  // by the number that on_open gives
    std::vector<std::uint32_t> free_;
    std::unordered_multimap<Endpoint, std::uint32_t> by_client_;  // the open ones
    std::unordered_map<Endpoint, SessionIdentity> identities_;    // of clients whose sessions may be joined
    Timestamp now_;
};

/// The id of a session: mixed from its ends and its opening time, so that decoding the same packets again gives the
/// same ids.
SessionId session_id(const FlowOpened& flow);

}  // namespace understudy::capture
