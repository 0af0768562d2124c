#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "capture/log/log_entry.hpp"
#include "capture/log/log_message.hpp"
#include "capture/log/time_order.hpp"
#include "core/exchange/result_digest.hpp"
#include "core/pgwire/frontend_messages.hpp"

namespace understudy::capture {

/// What happened, in numbers; the names are those of the Counters event, behind "log.".
struct LogCounts {
    std::uint64_t statements = 0;
    std::uint64_t errors = 0;
    std::uint64_t sessions = 0;
    std::uint64_t sessions_joined = 0;  ///< their beginning is not in the log
    std::uint64_t sessions_refused = 0;
    std::uint64_t sessions_evicted = 0;      ///< closed here, as too many were open
    std::uint64_t copy_without_data = 0;     ///< COPY FROM STDIN: its data is never in a log
    std::uint64_t truncated_parameters = 0;  ///< requests with a value that log_parameter_max_length cut
    std::uint64_t parameters_unknown = 0;    ///< requests whose parameters are not in the log
    std::uint64_t fetch_size_unknown = 0;    ///< portals read in parts
    std::uint64_t protocol_unknown = 0;      ///< failed statements, simple or extended: taken as simple
    std::uint64_t without_end = 0;           ///< statements known to be over, not when
    std::uint64_t errors_without_statement = 0;
};

/// What all sessions of an import share. The references must outlive them.
struct LogContext {
    const Digester& digester;
    ResultsPolicy policy;
    std::optional<int> parameter_max_length;  ///< the server's setting, if known
    TimeOrder& out;
    LogCounts counts;
};

/// Turns the entries of one session into Requests and Responses, in the order of the entries. Pure.
///
/// log_statement writes a line before a statement runs, log_min_duration_statement one when it has ended: together they
/// are one exchange. Each execution becomes an exchange of its own, ended by a Sync: a log does not show pipelines.
/// Memory: the statement that runs, and a hash for each name of a prepared statement, of which it keeps kMaxNames.
class LogSession {
public:
    static constexpr std::size_t kMaxNames = 10'000;
    /// A Parse that ended so long before what uses it was sent on its own. The second is for logs whose times are whole
    /// seconds.
    static constexpr Duration kSameExchange = Duration::milliseconds(10);
    static constexpr Duration kSameExchangeCoarse = Duration::milliseconds(1500);

    LogSession(SessionId id, LogContext& context) : id_(id), context_(context) {}

    [[nodiscard]] SessionId id() const { return id_; }
    /// Takes note of a statement, parse, bind, execute, fetch or duration. Returns why it was of no use, or nothing.
    BytesView on_message(const LogEntry& entry, const LogMessage& message);
    /// Takes note of an ERROR, FATAL or PANIC.
    BytesView on_error(const LogEntry& entry);
    /// Ends what is open; its outcome is complete, since an error would have been logged, unless the session or the log
    /// ended (`cut`): then it is unanswered.
    void settle(Timestamp time, bool cut);
    /// `time`, or the latest time of the session if that is later.
    Timestamp forward(Timestamp time);
    /// The fields of an error that its policy keeps.
    static ServerMessage error_of(const LogEntry& entry, const LogContext& context);

private:
    /// A parse or bind that was logged with its duration before the execution it belongs to.
    struct Early {
        bool there = false;
        Bytes name;
        Bytes portal;
        Bytes sql;
        Bytes detail;
        Timestamp start;
        Timestamp end;
        Duration took;
    };
    struct Open {
        bool there = false;
        bool extended = false;
        Timestamp start;  ///< of what runs
        Bytes sql;
        std::vector<StepResult> steps;
    };
    struct Known {
        std::size_t hash = 0;
        bool valid = false;  ///< false: it may have been deallocated
    };
    /// An execution of the extended protocol as the log has it.
    struct Asked {
        Timestamp start;
        BytesView name;
        BytesView portal;
        BytesView sql;
        std::optional<BytesView> parameters;
    };

    void on_statement(const LogEntry& entry, const LogMessage& message);
    void on_parse(const LogEntry& entry, const LogMessage& message);
    void on_bind(const LogEntry& entry, const LogMessage& message);
    void on_execute(const LogEntry& entry, const LogMessage& message);
    void on_fetch(const LogEntry& entry, const LogMessage& message);
    void on_failed_statement(const LogEntry& entry);
    void ask_simple(Timestamp start, BytesView sql);
    void ask_extended(const Asked& asked);
    void ask_parse(Timestamp start, BytesView name, BytesView sql);
    void drop_early();
    void part_from_parse(Timestamp start);
    void add_parse(BytesView name, BytesView sql);
    void add_bind();
    bool fill_parameters(std::optional<BytesView> text, BytesView sql);
    void emit_request(Timestamp time, bool unresolved);
    void complete(Timestamp end, Timestamp known_by, char transaction_status);
    void fail(std::size_t step, const LogEntry& entry);
    void respond(Timestamp ready, char transaction_status);
    void forget_names(BytesView sql);

    SessionId id_;
    LogContext& context_;
    Ordinal next_;
    Timestamp last_;
    bool saw_duration_ = false;  // what ran got a line when it had ended
    Early parse_;
    Early bind_;
    Open open_;
    pgwire::Parse parse_message_;
    pgwire::Bind bind_message_;
    Bytes frames_;
    std::unordered_map<Bytes, Known> names_;
};

}  // namespace understudy::capture
