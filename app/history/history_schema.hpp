#pragma once

#include <string>

#include "core/catalog/control_connection.hpp"

namespace understudy::app {

/// Brings the schema `understudy` of a database to this program's version, one step after the other, in the transaction
/// that is open; the ledger understudy.migration has each. Programs that come at once wait for each other (an advisory
/// lock of the transaction). Errors: Errc::io; Errc::unsupported when a newer program was there, or the database is not
/// in UTF-8.
Result<void> migrate_history(catalog::ControlConnection& connection);

/// The version that the ledger has; 0: there is none. Errors: Errc::io.
Result<int> history_version(catalog::ControlConnection& connection);

/// What this program works with.
int current_history_version();

}  // namespace understudy::app
