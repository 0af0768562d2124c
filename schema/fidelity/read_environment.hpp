#pragma once

#include <optional>
#include <string>

#include "core/base/error.hpp"
#include "core/catalog/control_connection.hpp"
#include "schema/fidelity/environment.hpp"

namespace understudy::schema::fidelity {

struct ReadingOptions {
    catalog::ControlLimits limits;
    Timestamp now;
    /// Makes the digests of the most common values, on the server: 32 or more hexadecimal digits. Empty: there are
    /// none.
    Bytes statistics_key;
    Bytes key_id;
};

/// Reads what decides whether a database can stand for another: a schema snapshot, settings, roles, sizes, statistics
/// without their values. It may be production: read-only transactions with the limits, each question cheap, no lock on
/// a user's table but what printing a definition takes. What the role may not read, or what takes too long, is in
/// `unread`. Errors: the connection's, read_snapshot()'s.
Result<Environment> read_environment(const std::string& conninfo, const ReadingOptions& options);

/// Asks inside a transaction, so that a failure spoils nothing else.
class Asking {
public:
    Asking(catalog::ControlConnection& connection, Environment& out) : connection_(connection), out_(out) {}

    /// The rows; nothing, and an entry in `unread`, when the server refuses or takes too long. The server's message is
    /// kept only where it can quote no value. Errors: a lost connection.
    enum class Message { kept, withheld };
    Result<std::optional<std::vector<catalog::Row>>> ask(const std::string& what, const std::string& sql,
                                                         Message message = Message::kept);
    void unread(Bytes what, Bytes why) { out_.unread.push_back({std::move(what), std::move(why)}); }
    [[nodiscard]] catalog::ControlConnection& connection() { return connection_; }
    [[nodiscard]] Environment& out() { return out_; }

private:
    catalog::ControlConnection& connection_;
    Environment& out_;
};

// Its parts: inside a transaction …
Result<void> read_server(Asking& asking, int version);
Result<void> read_roles(Asking& asking);
Result<void> read_tables(Asking& asking, int version);
Result<void> read_columns(Asking& asking, const Bytes& statistics_key);
// … and outside of one.
Result<void> read_settings(catalog::ControlConnection& connection, Environment& out);
Result<void> read_sequences_of(Asking& asking);

}  // namespace understudy::schema::fidelity
