#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::app {

/// What a session of somebody else does in the database.
struct WatchedSession {
    std::string pid;
    Bytes query;
    std::string began;  ///< of the statement: tells one from the next
    bool running = false;
    bool held = false;  ///< by the gate
    double running_ms = 0;
};

/// Holds every session of a scratch database before each statement of DDL, so that what they do can be stopped between
/// two of them: an event trigger waits for an advisory lock that we have (PostgreSQL docs, "Event Triggers",
/// ddl_command_start). Statements that are no DDL pass. Putting it up takes a superuser; without it, sessions can be
/// watched all the same. For databases of our own making alone.
class CommandGate {
public:
    /// Errors: those of the connection; that the gate could not be put up is none (why_not_held()).
    static Result<CommandGate> open(const std::string& conninfo);

    [[nodiscard]] bool holds() const { return why_not_held_.empty(); }
    /// The server's words.
    [[nodiscard]] const std::string& why_not_held() const { return why_not_held_; }

    /// All sessions of the database but this one.
    Result<std::vector<WatchedSession>> sessions();
    /// Lets those who wait go on; the next statement of DDL waits again.
    Result<void> let_pass();
    /// From now on nobody waits.
    Result<void> let_all_pass();
    Result<void> terminate(const std::string& pid);
    /// Takes it down; the database's schema is as it was.
    Result<void> remove();

private:
    explicit CommandGate(catalog::ControlConnection connection) : connection_(std::move(connection)) {}
    Result<void> put_up();

    catalog::ControlConnection connection_;
    std::string why_not_held_;
    bool locked_ = false;
};

}  // namespace understudy::app
