#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/net/conninfo.hpp"
#include "schema/migration/run_result.hpp"

namespace understudy::schema {

/// Said at the beginning of the runner's session, before the script.
struct SessionSettings {
    std::optional<Duration> lock_timeout;
    std::optional<Duration> statement_timeout;
    std::string role;         ///< SET ROLE
    std::string search_path;  ///< as SET search_path takes it
};

/// Why the runner may write to the database.
enum class RunPermission : std::uint8_t {
    marked_target,  ///< it must carry the target's marker: asked before the first statement
    own_scratch,    ///< the caller made the database itself and vouches for it
};

/// What is known of production, for the interlock.
struct ProductionFacts {
    std::uint64_t recorded_system_identifier = 0;  ///< of the capture; 0: none
    std::optional<std::uint64_t> production_id;
    bool production_id_none = false;
};

struct RunnerSettings {
    SessionSettings session;
    RunPermission permission = RunPermission::marked_target;
    ProductionFacts production;
    Duration connect_timeout = Duration::seconds(10);
    Duration silence = Duration::seconds(3600);  ///< the longest wait for an answer; then the session is given up
    std::string application_name = "understudy migration";
    /// Asked several times a second: true cancels the statement that runs, and the script ends there. Empty: never.
    std::function<bool()> stop;
    /// Told once, when the session is open and nothing has been sent: to watch its locks.
    std::function<void(std::uint32_t backend_pid)> on_backend;
    /// Told before a statement is sent (in a batch, only the first is) and after it was answered.
    std::function<void(std::size_t index, Timestamp at)> on_begin;
    std::function<void(const StatementResult&)> on_end;
};

enum class Interruption : std::uint8_t {
    cancel,        ///< CancelRequest on a connection of its own
    lock_timeout,  ///< lock_timeout in the session, the lock held by another until it strikes
    drop,          ///< the client closes its socket without a word
    terminate,     ///< pg_terminate_backend()
    crash,         ///< RunControl::crash
};
const char* to_string(Interruption kind);

/// What is to go wrong. The statement is held still by another session that has a lock it needs, since most end within
/// a millisecond otherwise.
struct RunControl {
    /// The session is dropped after this many statements, whatever its transaction's state. Not for one batch.
    std::optional<std::size_t> stop_after;
    std::optional<Interruption> interruption;
    std::size_t during = 0;  ///< the statement to interrupt, by its index; of a batch, the batch as a whole
    /// Takes the lock, in a transaction of another session that is rolled back afterwards; empty: the statement takes
    /// long enough by itself.
    std::string blocker;
    std::function<Result<void>()> crash;             ///< kills the server and waits until it has recovered
    Duration wait_for_block = Duration::seconds(2);  ///< a statement that runs this long is interrupted, held or not

    [[nodiscard]] bool any() const { return stop_after || interruption; }
};

/// Runs a script in a session of its own. What the server refuses is in the result; an Error means that it did not come
/// to that: Errc::refused by the interlock, Errc::io, Errc::auth, Errc::usage. A script that fails ends there, as every
/// runner ends. Blocks; callbacks come on this thread.
Result<RunResult> run_script(const net::ConnectionInfo& info, const Script& script, RunMode mode,
                             const RunnerSettings& settings, const RunControl& control = {});

/// The same for a caller that has an executor; all arguments must outlive it.
boost::asio::awaitable<Result<RunResult>> run_script_on(boost::asio::any_io_executor executor,
                                                        const net::ConnectionInfo& info, const Script& script,
                                                        RunMode mode, const RunnerSettings& settings,
                                                        const RunControl& control);

}  // namespace understudy::schema
