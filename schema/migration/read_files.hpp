#pragma once

#include <optional>
#include <string>

#include "core/base/error.hpp"
#include "schema/migration/layout.hpp"

namespace understudy::schema {

/// Reads the migrations of a directory, or of one file: the only place of this folder that touches files. `down`: the
/// file of the way back, when `path` is a file. A file by itself is read by its markers where it has some. Hidden files
/// and folders are left out. Errors: Errc::io, and those of read_layout().
Result<MigrationSet> read_migrations(const std::string& path, const std::optional<std::string>& down = std::nullopt,
                                     std::optional<Layout> layout = std::nullopt);

}  // namespace understudy::schema
