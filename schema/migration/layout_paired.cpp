#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "schema/migration/layout_parts.hpp"

// Layouts with a file for each direction: plain files, golang-migrate, diesel's folders.
namespace understudy::schema::layouts {
namespace {

struct DirectedName {
    std::string number;
    std::string name;
    bool up = true;
};

/// golang-migrate's `^([0-9]+)_(.*)\.(down|up)\.(.*)$`, of which only SQL is run here.
std::optional<DirectedName> directed(std::string_view file_name) {
    if (!file_name.ends_with(".sql")) return std::nullopt;
    std::string_view stem = file_name.substr(0, file_name.size() - 4);
    const bool up = stem.ends_with(".up");
    if (!up && !stem.ends_with(".down")) return std::nullopt;
    stem.remove_suffix(up ? 3 : 5);
    const auto name = numbered(stem);
    if (!name) return std::nullopt;
    return DirectedName{name->number, name->name, up};
}

struct ByNumber {
    bool operator()(const std::string& a, const std::string& b) const { return compare_numbers(a, b) < 0; }
};

constexpr std::string_view kDownEndings[] = {".down.sql", ".rollback.sql", ".undo.sql", ".revert.sql",
                                             "_down.sql", "_rollback.sql", "_undo.sql", "_revert.sql"};
constexpr std::string_view kUpEndings[] = {".up.sql", "_up.sql"};

/// The file's name without its direction; and which it is.
std::pair<std::string, bool> stem_of(std::string_view path) {
    for (const std::string_view ending : kDownEndings) {
        if (path.ends_with(ending)) return {std::string(path.substr(0, path.size() - ending.size())), false};
    }
    for (const std::string_view ending : kUpEndings) {
        if (path.ends_with(ending)) return {std::string(path.substr(0, path.size() - ending.size())), true};
    }
    return {std::string(path.substr(0, path.size() - 4)), true};
}

/// `run_in_transaction = false` in a metadata.toml.
bool without_transaction(BytesView toml) {
    bool without = false;
    for_each_line(toml, [&](const Line& line) {
        const std::string_view text = trimmed(line.text.substr(0, line.text.find('#')));
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || trimmed(text.substr(0, equals)) != "run_in_transaction") return;
        without = trimmed(text.substr(equals + 1)) == "false";
    });
    return without;
}

Result<void> add_direction(Migration& migration, const SourceFile& file, bool up) {
    UNDERSTUDY_TRY(Script script, make_script(file.path, file.text));
    if (up) {
        migration.up = std::move(script);
    } else {
        migration.down = std::move(script);
    }
    return {};
}

}  // namespace

bool is_golang_migrate_name(std::string_view file_name) { return directed(file_name).has_value(); }

Result<MigrationSet> read_plain(const Files& files) {
    MigrationSet set;
    std::map<std::string, std::size_t> by_stem;
    for (const bool up : {true, false}) {
        for (const SourceFile& file : files) {
            if (!file.path.ends_with(".sql")) {
                if (up) set.ignored.push_back({file.path, "not an SQL file"});
                continue;
            }
            const auto [stem, is_up] = stem_of(file.path);
            if (is_up != up) continue;
            const auto found = by_stem.find(stem);
            if (up && found != by_stem.end()) {
                return make_error(Errc::usage, fmt::format("{} and {} are the same migration", file.path,
                                                           set.migrations[found->second].up.path));
            }
            if (!up && found == by_stem.end()) {
                return make_error(Errc::usage,
                                  fmt::format("{} is a way back, but no {}.sql is there", file.path, stem));
            }
            if (up) {
                by_stem[stem] = set.migrations.size();
                set.migrations.emplace_back().version = stem;
            }
            UNDERSTUDY_CHECK(add_direction(set.migrations[by_stem[stem]], file, up));
        }
    }
    for (Migration& migration : set.migrations) {
        migration.up_mode = migration.down_mode = RunMode::statements;
        judge_down(migration);
    }
    return set;
}

Result<MigrationSet> read_golang_migrate(const Files& files) {
    MigrationSet set;
    std::map<std::string, Migration, ByNumber> found;
    for (const SourceFile& file : files) {
        const auto name = directed(base_name(file.path));
        if (!name) {
            set.ignored.push_back({file.path, "not named N_name.up.sql or N_name.down.sql"});
            continue;
        }
        Migration& migration = found[name->number];
        const std::string& other = name->up ? migration.up.path : migration.down ? migration.down->path : std::string();
        if (!other.empty()) {
            return make_error(Errc::usage, fmt::format("{} and {} have the same version: golang-migrate refuses that",
                                                       other, file.path));
        }
        migration.version = name->number;
        if (name->up || migration.name.empty()) migration.name = name->name;
        UNDERSTUDY_CHECK(add_direction(migration, file, name->up));
    }
    for (auto& [number, migration] : found) {
        if (migration.up.path.empty()) {
            set.warnings.push_back(
                fmt::format("{}: no .up.sql for this version; it does nothing", migration.down->path));
        }
        judge_down(migration);  // one Query for the whole file, as its PostgreSQL driver sends it
        set.migrations.push_back(std::move(migration));
    }
    return set;
}

Result<MigrationSet> read_diesel(const Files& files) {
    MigrationSet set;
    std::map<std::string, Migration> found;  // by folder
    std::map<std::string, bool> no_transaction;
    for (const SourceFile& file : files) {
        const std::string_view name = base_name(file.path);
        const std::string folder(folder_of(file.path));
        if (name == "metadata.toml" && !folder.empty()) {
            no_transaction[folder] = without_transaction(file.text);
        } else if ((name == "up.sql" || name == "down.sql") && !folder.empty()) {
            UNDERSTUDY_CHECK(add_direction(found[folder], file, name == "up.sql"));
        } else {
            set.ignored.push_back({file.path, "not an up.sql, down.sql or metadata.toml in a migration's folder"});
        }
    }
    for (auto& [folder, migration] : found) {
        if (migration.up.path.empty()) {
            return make_error(Errc::usage, fmt::format("{} has no up.sql", folder));
        }
        const std::string_view name = base_name(folder);
        const std::size_t end = name.find('_');
        migration.version = std::string(name.substr(0, end));
        migration.version.erase(std::remove(migration.version.begin(), migration.version.end(), '-'),
                                migration.version.end());
        migration.name = end == std::string_view::npos ? std::string() : std::string(name.substr(end + 1));
        const RunMode mode = no_transaction[folder] ? RunMode::one_batch : RunMode::transaction_batch;
        migration.up_mode = migration.down_mode = mode;
        judge_down(migration);
        set.migrations.push_back(std::move(migration));
    }
    return set;
}

}  // namespace understudy::schema::layouts
