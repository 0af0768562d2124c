#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/sql/lexer.hpp"
#include "schema/migration/layout_parts.hpp"

// Flyway's SQL migrations: V1.2__name.sql, U1.2__name.sql, R__name.sql, and NAME.sql.conf beside them.
namespace understudy::schema::layouts {
namespace {

struct FlywayName {
    char kind = 'V';
    std::string version;  ///< parts joined by '.', without leading zeros
    std::string name;
};

/// Version 1_2 is 1.2; 01.0 is 1: zeros at the end do not count when Flyway compares.
std::optional<std::string> normal_version(std::string_view text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == '.' || c == '_') {
            parts.emplace_back();
        } else if (c >= '0' && c <= '9') {
            parts.back() += c;
        } else {
            return std::nullopt;
        }
    }
    for (std::string& part : parts) {
        if (part.empty()) return std::nullopt;
        part.erase(0, std::min(part.size() - 1, part.find_first_not_of('0')));
    }
    while (parts.size() > 1 && parts.back() == "0") parts.pop_back();
    return fmt::format("{}", fmt::join(parts, "."));
}

std::optional<FlywayName> parse_name(std::string_view file_name) {
    if (!file_name.ends_with(".sql") || file_name.size() < 8) return std::nullopt;
    const std::string_view stem = file_name.substr(0, file_name.size() - 4);
    const std::size_t separator = stem.find("__");
    if (separator == std::string_view::npos) return std::nullopt;
    FlywayName name;
    name.kind = stem[0];
    name.name = std::string(stem.substr(separator + 2));
    std::replace(name.name.begin(), name.name.end(), '_', ' ');
    if (name.kind == 'R') return separator == 1 ? std::optional(name) : std::nullopt;
    if (name.kind != 'V' && name.kind != 'U' && name.kind != 'B') return std::nullopt;
    const auto version = normal_version(stem.substr(1, separator - 1));
    if (!version) return std::nullopt;
    name.version = *version;
    return name;
}

struct ByVersion {
    bool operator()(const std::string& a, const std::string& b) const {
        std::string_view left = a;
        std::string_view right = b;
        while (!left.empty() || !right.empty()) {
            const auto part = [](std::string_view& rest) {
                const std::size_t end = std::min(rest.size(), rest.find('.'));
                const std::string_view first = rest.substr(0, end);
                rest.remove_prefix(std::min(rest.size(), end + 1));
                return first;
            };
            if (const int order = compare_numbers(part(left), part(right)); order != 0) return order < 0;
        }
        return false;
    }
};

struct FileSettings {
    bool in_transaction = true;
    bool placeholders = true;
};

FileSettings settings_of(BytesView conf) {
    FileSettings settings;
    for_each_line(conf, [&](const Line& line) {
        const std::size_t equals = line.text.find('=');
        if (line.text.starts_with('#') || equals == BytesView::npos) return;
        const std::string_view key = trimmed(line.text.substr(0, equals));
        const bool value = sql::to_lower(trimmed(line.text.substr(equals + 1))) != "false";
        if (key == "executeInTransaction" || key == "flyway.executeInTransaction") settings.in_transaction = value;
        if (key == "placeholderReplacement" || key == "flyway.placeholderReplacement") settings.placeholders = value;
    });
    return settings;
}

/// Flyway puts values for ${…} everywhere, in literals, too.
Result<Script> script_of(const SourceFile& file, const FileSettings& settings) {
    const std::size_t place = settings.placeholders ? file.text.find("${") : Bytes::npos;
    if (place != Bytes::npos) {
        return make_error(
            Errc::unsupported,
            fmt::format("{}:{}: a placeholder of Flyway, whose value is not known here: write the value, set "
                        "placeholderReplacement=false in {}.conf, or run Flyway with --migrate-command",
                        file.path, line_of(file.text, place), base_name(file.path)));
    }
    return make_script(file.path, file.text);
}

/// Flyway leaves the transaction out where no statement of the file can run in one, and refuses a mixture.
RunMode mode_of(const Script& script, const FileSettings& settings, MigrationSet& set) {
    if (!settings.in_transaction) return RunMode::statements;
    const auto outside =
        std::count_if(script.statements.begin(), script.statements.end(),
                      [](const ScriptStatement& statement) { return refused_in_transaction(statement.text); });
    if (outside == 0) return RunMode::transaction;
    if (static_cast<std::size_t>(outside) < script.statements.size()) {
        set.warnings.push_back(
            fmt::format("{}: statements that cannot run in a transaction are mixed with others: Flyway "
                        "refuses that unless mixed=true",
                        script.path));
    }
    return RunMode::statements;
}

class FlywayReader {
public:
    explicit FlywayReader(const Files& files) {
        for (const SourceFile& file : files) {
            if (file.path.ends_with(".sql.conf"))
                settings_[file.path.substr(0, file.path.size() - 5)] = settings_of(file.text);
        }
    }

    Result<void> add(const SourceFile& file) {
        if (file.path.ends_with(".sql.conf")) return {};
        const auto name = parse_name(base_name(file.path));
        if (!name) {
            set_.ignored.push_back(
                {file.path, "not named V1__name.sql, U1__name.sql or R__name.sql (a callback, perhaps)"});
            return {};
        }
        if (name->kind == 'B') {
            set_.ignored.push_back({file.path, "a baseline, which Flyway runs on an empty database only"});
            return {};
        }
        const FileSettings& settings = settings_[file.path];
        UNDERSTUDY_TRY(Script script, script_of(file, settings));
        const RunMode mode = mode_of(script, settings, set_);
        if (name->kind == 'R') return add_repeatable(*name, std::move(script), mode);
        return add_versioned(*name, std::move(script), mode);
    }

    Result<MigrationSet> take() {
        for (auto& [version, migration] : versioned_) {
            if (migration.up.path.empty()) {
                return make_error(Errc::usage, fmt::format("{} undoes version {}, which is not there",
                                                           migration.down->path, version));
            }
            judge_down(migration);
            set_.migrations.push_back(std::move(migration));
        }
        for (auto& [name, migration] : repeatable_) set_.migrations.push_back(std::move(migration));
        return std::move(set_);
    }

private:
    Result<void> add_repeatable(const FlywayName& name, Script script, RunMode mode) {
        Migration& migration = repeatable_[name.name];
        if (!migration.up.path.empty()) {
            return make_error(Errc::usage,
                              fmt::format("{} and {} are the same migration", migration.up.path, script.path));
        }
        migration.version = "R " + name.name;
        migration.repeatable = true;
        migration.up = std::move(script);
        migration.up_mode = migration.down_mode = mode;
        return {};
    }

    Result<void> add_versioned(const FlywayName& name, Script script, RunMode mode) {
        Migration& migration = versioned_[name.version];
        const bool up = name.kind == 'V';
        const std::string other = up ? migration.up.path : migration.down ? migration.down->path : std::string();
        if (!other.empty()) {
            return make_error(Errc::usage, fmt::format("{} and {} have the same version", other, script.path));
        }
        migration.version = name.version;
        (up ? migration.up_mode : migration.down_mode) = mode;
        if (up) {
            migration.name = name.name;
            migration.up = std::move(script);
        } else {
            migration.down = std::move(script);
        }
        return {};
    }

    std::map<std::string, FileSettings> settings_;  // by the script's path
    std::map<std::string, Migration, ByVersion> versioned_;
    std::map<std::string, Migration> repeatable_;
    MigrationSet set_;
};

}  // namespace

bool is_flyway_name(std::string_view file_name) { return parse_name(file_name).has_value(); }

Result<MigrationSet> read_flyway(const Files& files) {
    FlywayReader reader(files);
    for (const SourceFile& file : files) UNDERSTUDY_CHECK(reader.add(file));
    return reader.take();
}

}  // namespace understudy::schema::layouts
