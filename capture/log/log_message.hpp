#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::capture {

/// What the message of a LOG entry tells (PostgreSQL source, tcop/postgres.c). The texts are English: a server with
/// another lc_messages writes others.
enum class LogWhat : std::uint8_t {
    other,
    statement,      ///< "statement: SQL"
    parse,          ///< "duration: 0.1 ms  parse <unnamed>: SQL"
    bind,           ///< "duration: 0.1 ms  bind S_1/C_2: SQL"
    execute,        ///< "execute S_1: SQL"
    fetch,          ///< "execute fetch from S_1/C_2: SQL"
    duration,       ///< "duration: 0.1 ms" alone: of what was logged before
    plan,           ///< of auto_explain
    function_call,  ///< "fastpath function call: …"
    received,       ///< "connection received: …"
    authenticated,  ///< "connection authenticated: …"
    authorized,     ///< "connection authorized: …"
    replication,    ///< "replication connection authorized: …"
    disconnection,  ///< "disconnection: session time: …"
};

struct LogMessage {
    LogWhat what = LogWhat::other;
    std::optional<Duration> duration;
    BytesView name;    ///< of the prepared statement; empty for the unnamed one
    BytesView portal;  ///< empty for the unnamed one
    BytesView sql;
};

/// The views borrow from `message`.
LogMessage read_log_message(BytesView message);

/// The application_name of a "connection authorized" message, or nothing.
BytesView authorized_application(BytesView message);
/// The user and database of a "connection authorized" message.
BytesView authorized_user(BytesView message);
BytesView authorized_database(BytesView message);

struct LogParameters {
    std::vector<std::optional<Bytes>> values;
    bool truncated = false;  ///< some value ends as log_parameter_max_length cuts it
};

/// Reads `$1 = 'it''s', $2 = NULL` (a DETAIL without its "parameters: "). Nothing when it does not have that form to
/// its end, or its numbers do not count up from 1. `max_length`: the server's log_parameter_max_length in bytes, 0 or
/// less for none; unknown, every value that ends with "..." counts as truncated.
std::optional<LogParameters> read_log_parameters(BytesView text, std::optional<int> max_length);

/// `detail` behind "parameters: " (PostgreSQL 16: "Parameters: "); nothing when it is no list of parameters.
std::optional<BytesView> parameters_of_detail(BytesView detail);
/// The parameters of an error's CONTEXT (log_parameter_max_length_on_error), if it has some.
std::optional<BytesView> parameters_of_context(BytesView context);

/// Whether `sql` has a parameter ($1) outside of quotes, as far as a quick look tells.
bool has_placeholder(BytesView sql);
/// Whether `sql` holds a COPY … FROM STDIN, as far as a quick look tells.
bool copies_from_client(BytesView sql);

}  // namespace understudy::capture
