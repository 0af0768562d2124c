#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "capture/redact/redaction.hpp"
#include "capture/session/boundary_search.hpp"
#include "capture/stream/flow_table.hpp"
#include "core/exchange/transcriber.hpp"
#include "core/model/event.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/startup.hpp"

namespace understudy::capture {

/// What all sessions of a capture share. Owned by the pipeline.
struct DecodeContext {
    const Digester& digester;
    ResultsPolicy policy;
    EventSink& sink;
    MessageCounts counts;                              ///< of sessions past their start-up, and of their start-up
    std::map<std::string, std::uint64_t> counters;     ///< by name, see docs/capture-file.md
    std::unordered_map<Bytes, SessionId> cancel_keys;  ///< process id and secret key → session, for CancelRequest
    const Redaction* redaction = nullptr;              ///< how values are redacted; nullptr: not at all
    Timestamp seen_since = {};                         ///< every packet of a connection since then was given to it

    /// `counters`, and under their names the messages of `counts`.
    [[nodiscard]] Counters named_counters() const;
};

/// Decodes one connection: start-up (or the joining of a session that is open already), then frames for the
/// Transcriber.
///
/// Joining: a connection seen without its SYN begins where a BoundarySearch confirms a boundary in the client's stream;
/// what comes before is counted. Whether answers to requests from before are still on their way is not known then: its
/// exchanges are incomplete until the session was seen at rest twice (ResponseTracker::on_rest), unless it was silent
/// for Transcriber::kQuiet before. The limit of this: a client that sends a request whenever an answer comes, so that
/// the same number of them is always outstanding, each slower than the network, cannot be told from one that waits.
/// Of each side, the same search finds where to go on after a gap. What turns out to be TLS, GSS, replication or not
/// PostgreSQL is said so once and not looked at again. Authentication is passed over: of its messages only the counts
/// are kept.
class SessionDecoder {
public:
    /// A longer message ends pairing until the next boundary: memory for each session is bounded by it.
    static constexpr std::size_t kMaxFrame = 256U << 20U;
    /// So many bytes of the client that do not look like frames end a search for a boundary: not PostgreSQL.
    static constexpr std::uint64_t kMaxSearch = 16U << 20U;
    static constexpr std::size_t kMaxCancelKeys = 1U << 20U;

    SessionDecoder(SessionId session, const FlowOpened& flow, DecodeContext& context);

    /// `caught_up`: see FlowListener::on_data; false where it is not known.
    void on_data(Direction direction, BytesView bytes, Timestamp time, bool caught_up = false);
    void on_gap(Direction direction, std::uint64_t length, Timestamp time);
    void on_close(CloseReason reason, Timestamp time);
    /// Says who a session without a start-up packet is (from pg_stat_activity), now or for when it is joined. Nothing
    /// is changed where the start-up packet was seen, or `known.server` names another server.
    void identify(const SessionIdentity& known, Timestamp time);

private:
    enum class Stage { searching, startup, encryption_answer, authentication, running, opaque };

    void on_client(BytesView bytes, Timestamp time);
    void on_server(BytesView bytes, Timestamp time);
    [[nodiscard]] bool begins_at_rest(BytesView bytes, BytesView rest) const;
    void on_startup_bytes(BytesView bytes, Timestamp time);
    void on_startup_packet(const pgwire::StartupPacket& packet, Timestamp time);
    void on_encryption_answer(BytesView bytes, Timestamp time);
    void on_client_frames(BytesView bytes, Timestamp time);
    void on_server_frames(BytesView bytes, Timestamp time);
    void on_client_frame(const pgwire::FrameView& frame, Timestamp time);
    void on_authentication_frame(const pgwire::FrameView& frame, Timestamp time);
    bool find_boundary(Direction direction, BytesView bytes, Bytes& rest);
    void lose_boundary(Direction direction);
    Bytes resume(Direction direction);
    void search(Direction direction, BytesView bytes, Timestamp time);
    void begin_transcript(bool joined);
    pgwire::Arrival record_answer(const pgwire::FrameView& frame, Timestamp time);
    void begin_running(bool joined, Timestamp time);
    void end(SessionClosed&& closed);
    void become_opaque(SessionEnd why, Timestamp time, const std::string& note = {});
    void open(bool joined, Timestamp time);
    void count(const char* name, std::uint64_t by = 1) { context_.counters[name] += by; }
    /// Counts a loss, of this session and in total.
    void lose(const char* name, std::uint64_t by = 1);
    void count_message(const char* side, std::string_view name);

    SessionId session_;
    DecodeContext& context_;
    SessionIdentity identity_;
    Stage stage_;
    bool saw_syn_;
    bool opened_ = false;
    bool terminated_ = false;
    bool replication_ = false;
    bool login_lost_ = false;  // bytes of the server were, in the log-in
    bool ready_ = false;       // the server's first ReadyForQuery was seen, or the session was joined
    bool heard_ = false;       // anything was sent
    bool client_heard_ = false;
    bool quiet_ = false;    // while searching: nothing passed before, and that for long
    bool rested_ = false;   // the server's last bytes ended an answer to all that the client had sent
    bool at_rest_ = false;  // … and the client's data at hand come after it had received them
    Bytes startup_;         // a start-up packet that is not whole yet
    pgwire::FrameReader client_reader_{kMaxFrame};
    pgwire::FrameReader server_reader_{kMaxFrame};
    std::array<std::unique_ptr<BoundarySearch>, 2> searches_;  // by Direction; while looking for a boundary
    std::optional<Direction> last_;                            // whose data came last
    bool burst_ = false;                                       // the data at hand is the first after the other side's
    std::uint64_t searched_ = 0;
    std::unique_ptr<FrameRedactor> redactor_;
    std::unique_ptr<Transcriber> transcriber_;
    std::vector<std::pair<Bytes, Bytes>> settings_;
    std::optional<ServerMessage> refusal_;
    Bytes cancel_key_;                           // as in DecodeContext::cancel_keys
    std::map<std::string, std::uint64_t> lost_;  // what this session lost, by counter
};

}  // namespace understudy::capture
