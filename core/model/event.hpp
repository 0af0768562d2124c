#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/model/ids.hpp"
#include "core/model/step.hpp"

namespace understudy {

// The events of a capture, in the order in which they happened (docs/capture-file.md has the file's own fields).
// A capture of production and a replay's answers are the same kind of event log.

enum class ResultsPolicy : std::uint8_t { digest = 0, sample = 1, full = 2 };
std::string_view to_string(ResultsPolicy policy);

/// First record of a file.
struct CaptureHeader {
    std::string source;  ///< "packets", "proxy", "log", "replay", or "merged"
    std::string tool_version;
    Timestamp created;
    ResultsPolicy policy = ResultsPolicy::digest;
    Bytes key_id;                         ///< names the digest key; equal digests need equal keys
    std::string server_version;           ///< empty when unknown
    std::uint64_t system_identifier = 0;  ///< of the server that answered; 0 when unknown
    std::string wal_position;             ///< when known
    std::int64_t clock_uncertainty_ns = 0;
    std::string description;                       ///< e.g. a replay's target and speed
    std::uint64_t replayed_system_identifier = 0;  ///< a replay: the identifier its source capture had
    /// The source does not see what was answered (a log): results are absent because nobody knows them. Errors,
    /// durations and, where the log has them, row counts are there.
    bool results_unknown = false;
    bool redacted = false;  ///< values were replaced by keyed tokens, see docs/security.md
    friend bool operator==(const CaptureHeader&, const CaptureHeader&) = default;
};

/// Who a session is. Fields are empty where capture joined too late to know.
struct SessionIdentity {
    Bytes user;
    Bytes database;
    Bytes application;
    std::vector<std::pair<Bytes, Bytes>> startup;  ///< start-up parameters in the order sent
    std::string client;                            ///< "10.0.0.7:51234"
    std::string server;
    std::uint32_t protocol = 0;  ///< version of the start-up packet; 0 unknown
    std::uint32_t process_id = 0;
    bool identified = false;  ///< user, database and application are what pg_stat_activity said, not a start-up packet
    friend bool operator==(const SessionIdentity&, const SessionIdentity&) = default;
};

struct SessionOpened {
    SessionId session;
    Timestamp time;
    bool joined = false;  ///< it was open before: there is no start-up packet
    SessionIdentity identity;
    friend bool operator==(const SessionOpened&, const SessionOpened&) = default;
};

struct PreparedStatement {
    Bytes name;
    Bytes sql;
    std::vector<std::uint32_t> parameter_types;  ///< as declared in Parse
    friend bool operator==(const PreparedStatement&, const PreparedStatement&) = default;
};

/// Enough to enter a session here: written when a session is ready, where capture joins one, where its identity becomes
/// known, and at the start of a file for each session that is open. A later one replaces an earlier one.
struct SessionState {
    SessionId session;
    Timestamp time;
    bool complete = false;  ///< false: statements or settings may exist that were never seen
    SessionIdentity identity;
    std::vector<std::pair<Bytes, Bytes>> settings;  ///< ParameterStatus
    std::vector<PreparedStatement> statements;
    char transaction_status = 0;  ///< 'I', 'T', 'E', or 0 unknown
    Ordinal next_ordinal;
    friend bool operator==(const SessionState&, const SessionState&) = default;
};

enum class SessionEnd : std::uint8_t {
    terminate = 0,       ///< the client said Terminate
    connection = 1,      ///< the connection closed or was reset
    refused = 2,         ///< the server refused it at start-up
    still_open = 3,      ///< the capture ended first
    encrypted = 4,       ///< TLS or GSS: nothing more can be read
    not_postgresql = 5,  ///< the bytes are not protocol 3
    replication = 6,     ///< replication protocol: recognised, not decoded
    cancel_request = 7,  ///< the connection carried a CancelRequest
    failed = 8,          ///< a replayer could not connect or lost the connection
};
std::string_view to_string(SessionEnd end);

struct SessionClosed {
    SessionId session;
    Timestamp time;
    SessionEnd end = SessionEnd::connection;
    std::optional<ServerMessage> error;  ///< of a refusal or a termination by the server
    std::string note;
    friend bool operator==(const SessionClosed&, const SessionClosed&) = default;
};

/// A client asked the server to cancel what another session is doing.
struct CancelSent {
    SessionId session;  ///< whose backend was meant; 0 when its key was never seen
    Timestamp time;
    friend bool operator==(const CancelSent&, const CancelSent&) = default;
};

/// How far into the answers a client had seen when it sent something: the recorded "it read before it wrote".
struct Seen {
    Ordinal ordinal;          ///< all exchanges below are answered
    std::uint32_t steps = 0;  ///< and of this one so many steps, as far as a Flush asked for their answers
    bool copy_in = false;     ///< and the server had asked for COPY data in the step after these
    friend auto operator<=>(const Seen&, const Seen&) = default;
};

/// Frontend frames as they arrived together, byte for byte; all of one exchange.
struct Request {
    SessionId session;
    Ordinal ordinal;
    StepIndex step;  ///< index of the first step that begins in these frames (or would)
    Timestamp time;
    Seen seen;
    bool unresolved = false;  ///< uses a statement or portal whose Parse or Bind was never seen
    Bytes frames;
    friend bool operator==(const Request&, const Request&) = default;
};

/// Results of consecutive steps of one exchange that ended together.
struct Response {
    SessionId session;
    Ordinal ordinal;
    StepIndex first_step;
    std::vector<StepResult> results;
    char transaction_status = 0;  ///< of the ReadyForQuery that ended the exchange; 0 when it goes on
    Timestamp ready;              ///< when that came
    friend bool operator==(const Response&, const Response&) = default;
};

/// Rows beyond what one record holds (`full` policy), in order, before the Response that counts them.
struct RowPart {
    SessionId session;
    Ordinal ordinal;
    StepIndex step;
    std::vector<Bytes> rows;
    friend bool operator==(const RowPart&, const RowPart&) = default;
};

struct Gap {
    SessionId session;
    Timestamp time;
    bool from_client = false;
    std::uint64_t bytes = 0;  ///< 0: unknown
    /// Whole exchanges that were seen and not recorded, because recording could not keep up; then nothing else of the
    /// gap is set. Their ordinals are missing.
    std::uint64_t exchanges_dropped = 0;
    friend bool operator==(const Gap&, const Gap&) = default;
};

/// A statement that a session used and whose Parse was never seen there, resolved from what others of the same pool
/// prepared under the same name. A guess, and marked as one: written when a file ends, so that a text that another
/// session contradicts is never among them.
struct StatementInferred {
    SessionId session;
    Timestamp time;
    PreparedStatement statement;
    std::uint32_t sessions_agreeing = 0;  ///< that prepared this name with this text
    friend bool operator==(const StatementInferred&, const StatementInferred&) = default;
};

/// Totals by name, e.g. "loss.kernel_drops", "messages.frontend.Query". A later record of the same session, or of the
/// whole capture, replaces an earlier one.
struct Counters {
    std::map<std::string, std::uint64_t> values;
    SessionId session{};  ///< 0: of the whole capture
    friend bool operator==(const Counters&, const Counters&) = default;
};

/// A serialised catalogue (core/catalog knows its content).
struct CatalogRecord {
    Timestamp time;
    Bytes database;
    Bytes content;
    friend bool operator==(const CatalogRecord&, const CatalogRecord&) = default;
};

using Event = std::variant<SessionOpened, SessionState, SessionClosed, CancelSent, Request, Response, RowPart, Gap,
                           StatementInferred, Counters, CatalogRecord>;

/// Takes events in the order in which they happen. An implementation may move from them.
class EventSink {
public:
    virtual ~EventSink() = default;
    virtual void on_event(Event&& event) = 0;
};

}  // namespace understudy
