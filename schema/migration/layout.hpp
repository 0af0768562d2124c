#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schema/migration/migration.hpp"

namespace understudy::schema {

/// A file of a directory of migrations, as it was read.
struct SourceFile {
    std::string path;  ///< from the directory, with '/'
    Bytes text;
    friend bool operator==(const SourceFile&, const SourceFile&) = default;
};

inline constexpr std::size_t kMaxMigrationFiles = 20'000;

/// Which layout the files have, and how that was told; nothing but their names and marker lines is looked at. Errors:
/// Errc::usage when no SQL is there, or when the files fit two layouts, with the name to give as --layout.
struct DetectedLayout {
    Layout layout = Layout::plain;
    std::string why;
};
Result<DetectedLayout> detect_layout(const std::vector<SourceFile>& files);

/// The migrations of the files in the order of their tool, with the transactions that it would make. `layout`: as the
/// user named it, else detected. Files that are none are listed as ignored; a file that is a migration and cannot be
/// read (written in Go, XML, with psql's commands) is an error: leaving it out would rehearse another history. Errors:
/// Errc::usage, Errc::malformed, Errc::unsupported, Errc::limit, each naming file and line.
Result<MigrationSet> read_layout(std::vector<SourceFile> files, std::optional<Layout> layout = std::nullopt);

/// One migration from files that the user named himself.
Result<MigrationSet> single_migration(const SourceFile& up, const std::optional<SourceFile>& down);

}  // namespace understudy::schema
