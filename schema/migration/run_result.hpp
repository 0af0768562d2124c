#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "schema/migration/migration.hpp"

namespace understudy::schema {

/// What the server answered to one statement of a script.
struct StatementResult {
    std::size_t index = 0;  ///< in the script
    std::size_t line = 0;   ///< in the script's file
    Bytes text;
    Bytes command_tag;                          ///< "ALTER TABLE"; empty where the statement did not end well
    std::optional<pgwire::ServerFields> error;  ///< all fields of the ErrorResponse
    std::vector<pgwire::ServerFields> notices;
    Timestamp start;  ///< sent; in a batch: when the one before it ended
    Timestamp end;    ///< answered; unknown when the connection ended first
    std::uint32_t backend_pid = 0;

    [[nodiscard]] BytesView sqlstate() const { return error ? pgwire::field(*error, 'C') : BytesView(); }
    [[nodiscard]] BytesView message() const { return error ? pgwire::field(*error, 'M') : BytesView(); }
    [[nodiscard]] bool done() const { return end.known() && !error; }
};

/// What happened to the session apart from its statements' errors.
enum class SessionEnd : std::uint8_t {
    orderly,  ///< it said goodbye after the last statement, or after the one that failed
    dropped,  ///< we closed it without a word, as asked
    lost,     ///< the server or the network ended it
};

/// One run of a script.
struct RunResult {
    std::uint32_t backend_pid = 0;
    RunMode mode = RunMode::one_batch;
    std::vector<StatementResult> statements;  ///< those that were sent and answered, or were being answered
    /// Of a statement that is not in the script (BEGIN, COMMIT, the session's settings): what failed.
    std::optional<StatementResult> frame_failure;
    SessionEnd end = SessionEnd::orderly;
    std::string lost;      ///< why, where the session was lost
    bool stopped = false;  ///< as the caller asked: the statement that ran was cancelled
    /// An interruption was asked for and met the statement while it ran.
    bool interrupted = false;
    std::string not_interrupted;    ///< why one that was asked for did not
    char transaction_status = 'I';  ///< at the session's end; 'T' or 'E': what was open was rolled back by the end
    Timestamp start;
    Timestamp finish;

    /// Every statement of `count` was done, and the transaction, if there was one, was committed.
    [[nodiscard]] bool succeeded(std::size_t count) const;
    /// The first failure; nothing when there is none.
    [[nodiscard]] const StatementResult* failure() const;
    /// In one line: where it failed and with what; empty when it did not.
    [[nodiscard]] std::string failure_text() const;
};

}  // namespace understudy::schema
