#pragma once

#include <map>
#include <memory>
#include <unordered_map>

#include "capture/log/log_session.hpp"

namespace understudy::capture {

struct AssemblerOptions {
    ResultsPolicy policy = ResultsPolicy::digest;
    std::optional<int> parameter_max_length;  ///< the server's log_parameter_max_length, if known
};

/// Turns the entries of a server's log, of all its sessions, into events (docs/logs.md). Pure.
///
/// Drive it: on_entry() for each entry in the log's order, finish() once. Sessions are told apart by their process id;
/// one ends with its "disconnection", with a FATAL, or when another session has its process id. Memory: TimeOrder's
/// events and at most kMaxSessions open sessions; beyond these the one that was silent longest is closed, and counted.
class LogAssembler {
public:
    static constexpr std::size_t kMaxSessions = 65'536;
    /// A clock that goes back by more than this was set back; less is how entries of several processes interleave.
    static constexpr Duration kClockSlack = Duration::seconds(1);

    /// The references must outlive the assembler.
    LogAssembler(const AssemblerOptions& options, const Digester& digester, EventSink& sink)
        : order_(sink), context_{digester, options.policy, options.parameter_max_length, order_, {}} {}

    /// Returns nothing, or why the entry became no event and changed none.
    BytesView on_entry(const LogEntry& entry);
    /// The log ended: sessions that are open stay so, what runs is unanswered.
    void finish();

    [[nodiscard]] std::uint64_t statements() const { return context_.counts.statements; }
    /// As in a Counters event, "log.…"; only those that are not zero.
    [[nodiscard]] std::map<std::string, std::uint64_t> counters() const;

private:
    struct Session {
        LogSession session;
        Bytes id;               ///< %c; empty where the log has none
        bool opened = false;    ///< SessionOpened was written
        bool received = false;  ///< its connection was logged
        Timestamp since;
        Bytes client;
        Timestamp heard;
    };

    Session& session_of(const LogEntry& entry, std::uint32_t process);
    void open(Session& session, const LogEntry& entry, Timestamp time, bool joined);
    void close(std::uint32_t process, Timestamp time, SessionEnd end, std::optional<ServerMessage> error);
    void evict();
    SessionId new_id(const LogEntry& entry, std::uint32_t process);
    BytesView on_log(Session& session, const LogEntry& entry, std::uint32_t process);
    BytesView on_error(Session& session, const LogEntry& entry, std::uint32_t process);

    TimeOrder order_;
    LogContext context_;
    std::unordered_map<std::uint32_t, Session> sessions_;
    Timestamp now_;
    Timestamp latest_;
    // How often an id was given, so that lines which follow a session's end never repeat its ordinals; when it is full
    // it is emptied, and later ids are salted.
    static constexpr std::size_t kMaxIdsKept = 200'000;
    std::unordered_map<std::uint64_t, std::uint32_t> ids_;
    std::uint64_t salt_ = 0;
    std::uint64_t clock_went_back_ = 0;
    std::uint64_t without_time_ = 0;
};

}  // namespace understudy::capture
