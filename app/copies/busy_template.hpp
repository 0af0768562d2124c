#pragma once

#include <string>
#include <vector>

#include "app/copies/copy_server.hpp"

namespace understudy::app {

/// Who keeps a database from being copied: a connection, or a prepared transaction (which has no process).
struct TemplateUser {
    Bytes user;
    Bytes application;
    Bytes address;   ///< empty: this machine, or not ours to know
    Bytes since;     ///< when the connection, or the prepared transaction, began
    Bytes state;     ///< "idle in transaction"
    Bytes prepared;  ///< the prepared transaction's identifier; empty: it is a connection
    friend bool operator==(const TemplateUser&, const TemplateUser&) = default;
};

Result<std::vector<TemplateUser>> template_users(CopyServer& server, const std::string& database);

/// Ends the connections (not prepared transactions, which are somebody's data).
Result<void> close_connections(CopyServer& server, const std::string& database);

/// One line: who they are and what to do.
std::string explain_template_users(const std::string& database, const std::vector<TemplateUser>& users, bool may_close);

}  // namespace understudy::app
