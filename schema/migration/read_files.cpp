#include "schema/migration/read_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace understudy::schema {
namespace {

namespace fs = std::filesystem;

Result<Bytes> read_file(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) return make_error(Errc::io, fmt::format("cannot read {}: {}", path.string(), error.message()));
    if (size > kMaxScriptBytes) {
        return make_error(
            Errc::limit, fmt::format("{}: {} bytes, {} allowed for a migration", path.string(), size, kMaxScriptBytes));
    }
    std::ifstream file(path, std::ios::binary);
    Bytes text(size, '\0');
    if (!file.read(text.data(), static_cast<std::streamsize>(size))) {
        return make_error(Errc::io, fmt::format("cannot read {}", path.string()));
    }
    return text;
}

bool hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

/// Large files of other kinds beside the migrations are not read, only named.
bool worth_reading(const fs::path& path) {
    const std::string name = path.filename().string();
    for (const char* ending : {".sql", ".conf", ".plan", ".toml", ".go"}) {
        if (name.ends_with(ending)) return true;
    }
    return false;
}

Result<std::vector<SourceFile>> read_directory(const fs::path& directory) {
    std::vector<SourceFile> files;
    std::error_code error;
    fs::recursive_directory_iterator at(directory, error);
    while (!error && at != fs::recursive_directory_iterator()) {
        const fs::path path = at->path();
        if (hidden(path)) {
            if (at->is_directory()) at.disable_recursion_pending();
        } else if (at->is_regular_file(error)) {
            if (files.size() == kMaxMigrationFiles) {
                return make_error(Errc::limit,
                                  fmt::format("{} holds more than {} files: is it the directory of the migrations?",
                                              directory.string(), kMaxMigrationFiles));
            }
            SourceFile file{path.lexically_relative(directory).generic_string(), {}};
            if (worth_reading(path)) {
                UNDERSTUDY_TRY(file.text, read_file(path));
            }
            files.push_back(std::move(file));
        }
        at.increment(error);
    }
    if (error) return make_error(Errc::io, fmt::format("cannot read {}: {}", directory.string(), error.message()));
    return files;
}

}  // namespace

Result<MigrationSet> read_migrations(const std::string& path, const std::optional<std::string>& down,
                                     std::optional<Layout> layout) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        if (down) {
            return make_error(Errc::usage,
                              "a directory of migrations has its ways back in it: no other file for them is read");
        }
        UNDERSTUDY_TRY(auto files, read_directory(path));
        return read_layout(std::move(files), layout);
    }
    UNDERSTUDY_TRY(Bytes text, read_file(path));
    const SourceFile up{path, std::move(text)};
    if (down) {
        UNDERSTUDY_TRY(Bytes back, read_file(*down));
        return single_migration(up, SourceFile{*down, std::move(back)});
    }
    if (layout && *layout != Layout::plain) return read_layout({up}, layout);
    UNDERSTUDY_TRY(const DetectedLayout detected, detect_layout({up}));
    switch (detected.layout) {
        case Layout::dbmate:
        case Layout::goose:
        case Layout::sql_migrate:
        case Layout::liquibase: return read_layout({up}, detected.layout);
        default: return single_migration(up, std::nullopt);
    }
}

}  // namespace understudy::schema
