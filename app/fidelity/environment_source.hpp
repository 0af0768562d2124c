#pragma once

#include <optional>
#include <string>

#include "core/catalog/control_connection.hpp"
#include "core/exchange/result_digest.hpp"
#include "schema/fidelity/environment.hpp"

namespace understudy::app {

/// The environment of what the user named, a file of `fidelity snapshot` or a database, and how databases are read.
struct EnvironmentReading {
    catalog::ControlLimits limits;
    std::optional<DigestKey> key;  ///< for digests of the most common values; without one there are none
};

/// Whether it names a file that is there.
bool is_environment_file(const std::string& file_or_conninfo);
/// Errors: Errc::usage when it is neither a file nor a connection string; those of the file.
Result<schema::fidelity::Environment> read_environment_file(const std::string& path);
/// Errors: those of either.
Result<schema::fidelity::Environment> load_environment(const std::string& file_or_conninfo,
                                                       const EnvironmentReading& reading);

/// A text file of at most `most` bytes. Errors: Errc::io, Errc::limit.
Result<Bytes> read_bounded_file(const std::string& path, std::size_t most);

}  // namespace understudy::app
