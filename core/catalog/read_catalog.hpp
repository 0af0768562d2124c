#pragma once

#include <string>

#include "core/base/error.hpp"
#include "core/catalog/catalog.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::catalog {

/// Reads the catalogues of a database, PostgreSQL 13 to 18, with any role that may connect: one snapshot in a
/// read-only transaction, then the sequences' values (which no snapshot covers) in short transactions of
/// their own, so that at most kSequencesAtOnce locks are held at a time. System schemas and temporary ones
/// are left out. Errors: as ControlConnection's; Errc::limit for a catalogue beyond kMaxCatalogBytes.
Result<Catalog> read_catalog(const std::string& conninfo, const ControlLimits& limits = {});

/// Whether the value of a setting of a role or database may be kept in a catalogue: not when it is an
/// application's own
/// ("app.jwt_secret") and its name speaks of a secret.
bool keeps_setting_value(BytesView name);

}  // namespace understudy::catalog
