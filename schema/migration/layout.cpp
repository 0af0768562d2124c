#include "schema/migration/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "schema/migration/layout_parts.hpp"

namespace understudy::schema {
namespace {

using layouts::base_name;
using layouts::Files;

bool is_sql(std::string_view path) { return path.ends_with(".sql"); }

/// The layout that the text's marker lines tell, those of the first lines with something in them.
std::optional<Layout> layout_of_text(BytesView text) {
    std::optional<Layout> found;
    layouts::for_each_line(text, [&](const layouts::Line& line) {
        if (found) return;
        for (const Layout layout : {Layout::dbmate, Layout::goose, Layout::sql_migrate}) {
            if (layouts::is_up_marker(line.text, layout)) found = layout;
        }
        if (layouts::is_liquibase_header(line.text)) found = Layout::liquibase;
    });
    return found;
}

std::optional<Layout> layout_of(const SourceFile& file) {
    const std::string_view name = base_name(file.path);
    if (name == "sqitch.plan") return Layout::sqitch;
    if (!is_sql(name)) return std::nullopt;
    if (const auto told = layout_of_text(file.text)) return told;
    if (name == "up.sql" && !layouts::folder_of(file.path).empty()) return Layout::diesel;
    if (layouts::is_golang_migrate_name(name)) return Layout::golang_migrate;
    if (layouts::is_flyway_name(name)) return Layout::flyway;
    return std::nullopt;
}

const char* evidence(Layout layout) {
    switch (layout) {
        case Layout::plain: return "SQL files of no tool's naming";
        case Layout::golang_migrate: return "files named N_name.up.sql and N_name.down.sql";
        case Layout::flyway: return "files named V1__name.sql, U1__name.sql, R__name.sql";
        case Layout::sqitch: return "a sqitch.plan";
        case Layout::dbmate: return "files with -- migrate:up";
        case Layout::goose: return "files with -- +goose Up";
        case Layout::sql_migrate: return "files with -- +migrate Up";
        case Layout::diesel: return "folders with up.sql";
        case Layout::liquibase: return "files that begin with --liquibase formatted sql";
    }
    return "";
}

void prepare(Files& files) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    for (SourceFile& file : files) {
        if (file.text.starts_with(kByteOrderMark)) file.text.erase(0, kByteOrderMark.size());
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
}

Result<MigrationSet> read_as(const Files& files, Layout layout) {
    switch (layout) {
        case Layout::plain: return layouts::read_plain(files);
        case Layout::golang_migrate: return layouts::read_golang_migrate(files);
        case Layout::flyway: return layouts::read_flyway(files);
        case Layout::sqitch: return layouts::read_sqitch(files);
        case Layout::dbmate:
        case Layout::goose:
        case Layout::sql_migrate: return layouts::read_marked(files, layout);
        case Layout::diesel: return layouts::read_diesel(files);
        case Layout::liquibase: return layouts::read_liquibase(files);
    }
    return make_error(Errc::usage, "no such layout");
}

/// 25001 is sure: said before anything runs.
void warn_of_transactions(MigrationSet& set) {
    const auto check = [&](const Script& script, RunMode mode) {
        for (const ScriptStatement& statement : script.statements) {
            if (!refused_in_transaction(statement.text)) continue;
            const bool alone = mode == RunMode::one_batch && script.statements.size() == 1;
            if (mode == RunMode::statements || alone) continue;
            set.warnings.push_back(fmt::format(
                "{}:{}: PostgreSQL refuses this statement inside a transaction (25001), and {} runs this file {}",
                script.path, statement.line, to_string(set.layout),
                mode == RunMode::one_batch ? "as one batch, which is one" : "in one"));
        }
    };
    for (const Migration& migration : set.migrations) {
        check(migration.up, migration.up_mode);
        if (migration.down) check(*migration.down, migration.down_mode);
    }
}

}  // namespace

Result<DetectedLayout> detect_layout(const std::vector<SourceFile>& files) {
    std::map<Layout, std::size_t> counts;
    std::size_t sql = 0;
    for (const SourceFile& file : files) {
        if (is_sql(file.path)) ++sql;
        if (const auto layout = layout_of(file)) ++counts[*layout];
    }
    if (counts.find(Layout::sqitch) != counts.end()) {
        return DetectedLayout{Layout::sqitch, fmt::format("layout sqitch, told by {}", evidence(Layout::sqitch))};
    }
    if (counts.size() > 1) {
        std::string names;
        for (const auto& [layout, count] : counts) {
            names += fmt::format("{}{} ({} files)", names.empty() ? "" : ", ", to_string(layout), count);
        }
        return make_error(Errc::usage,
                          fmt::format("the files fit more than one layout: {}; name it with --layout", names));
    }
    if (counts.size() == 1) {
        const auto [layout, count] = *counts.begin();
        return DetectedLayout{layout, fmt::format("layout {}, told by {} ({} of {} SQL files)", to_string(layout),
                                                  evidence(layout), count, sql)};
    }
    if (sql == 0) {
        return make_error(Errc::usage,
                          "no SQL file and no sqitch.plan there: migrations of another kind are run with "
                          "--migrate-command and --rollback-command");
    }
    return DetectedLayout{Layout::plain,
                          fmt::format("layout plain, {}, run in the order of their names", evidence(Layout::plain))};
}

Result<MigrationSet> read_layout(std::vector<SourceFile> files, std::optional<Layout> layout) {
    if (files.size() > kMaxMigrationFiles) {
        return make_error(Errc::limit, fmt::format("{} files, {} allowed", files.size(), kMaxMigrationFiles));
    }
    prepare(files);
    std::string why = layout ? fmt::format("layout {}, as it was named", to_string(*layout)) : std::string();
    if (!layout) {
        UNDERSTUDY_TRY(DetectedLayout detected, detect_layout(files));
        layout = detected.layout;
        why = std::move(detected.why);
    }
    UNDERSTUDY_TRY(MigrationSet set, read_as(files, *layout));
    if (set.migrations.empty()) {
        return make_error(Errc::usage, fmt::format("no migration of layout {} there", to_string(*layout)));
    }
    set.layout = *layout;
    set.detected = std::move(why);
    warn_of_transactions(set);
    return set;
}

Result<MigrationSet> single_migration(const SourceFile& up, const std::optional<SourceFile>& down) {
    MigrationSet set;
    set.detected =
        down ? "layout plain, files as they were named" : "layout plain, the file as it was named, no way back given";
    Migration& migration = set.migrations.emplace_back();
    migration.version = std::string(base_name(up.path));
    UNDERSTUDY_TRY(migration.up, make_script(up.path, up.text));
    if (down) {
        UNDERSTUDY_TRY(auto script, make_script(down->path, down->text));
        migration.down = std::move(script);
    }
    migration.up_mode = migration.down_mode = RunMode::statements;
    layouts::judge_down(migration);
    warn_of_transactions(set);
    return set;
}

}  // namespace understudy::schema
