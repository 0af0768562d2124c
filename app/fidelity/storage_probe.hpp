#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "schema/fidelity/certificate.hpp"

namespace understudy::app {

/// Measures staging's storage a little: commits that wait for the disk, and a temporary table of 16 MiB written and
/// read. Errors: Errc::refused unless the database is marked as a target of its own server; those of the connection.
Result<std::vector<schema::fidelity::Counted>> probe_storage(const std::string& staging);

}  // namespace understudy::app
