#include "schema/migration/applied.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "schema/migration/layout_parts.hpp"

namespace understudy::schema {
namespace {

std::string cell(const catalog::Row& row, std::size_t column) {
    return column < row.size() && row[column] ? *row[column] : std::string();
}

/// goose keeps a row for each up and down: the newest of a version counts.
void add_goose(const std::vector<catalog::Row>& rows, AppliedVersions& applied) {
    std::map<std::string, bool> newest;
    for (const catalog::Row& row : rows) newest[cell(row, 0)] = cell(row, 1) == "true";
    for (const auto& [version, is_applied] : newest) {
        if (is_applied && version != "0") applied.versions.push_back(version);
    }
}

/// Flyway: (version or, of a repeatable migration, its description; type; success), in the order of their ranks.
void add_flyway(const std::vector<catalog::Row>& rows, AppliedVersions& applied) {
    for (const catalog::Row& row : rows) {
        const std::string version = cell(row, 0).empty() ? "R " + cell(row, 1) : cell(row, 0);
        if (cell(row, 3) != "true") {
            applied.failed.push_back(version);
        } else if (cell(row, 2).starts_with("UNDO")) {
            std::erase(applied.versions, version);
        } else {
            applied.versions.push_back(version);
        }
    }
}

/// Versions are equal as numbers where they are numbers: 0001 is 1.
bool same_version(Layout layout, const std::string& a, const std::string& b) {
    if (layout != Layout::flyway) {
        return a == b || (layouts::all_digits(a) && layouts::all_digits(b) && layouts::compare_numbers(a, b) == 0);
    }
    const auto normal = [](std::string text) {
        std::replace(text.begin(), text.end(), '_', '.');
        while (text.ends_with(".0")) text.resize(text.size() - 2);
        return text;
    };
    return normal(a) == normal(b);
}

/// sqitch's table has a reworked change twice, under its one name.
std::string plain_name(Layout layout, const std::string& version) {
    return layout == Layout::sqitch ? version.substr(0, version.find('@')) : version;
}

Result<void> refuse_failures(Layout layout, const AppliedVersions& applied) {
    if (applied.dirty) {
        return make_error(
            Errc::refused,
            fmt::format("version {} is marked dirty: it failed half-way, and golang-migrate goes on only after "
                        "`migrate force`. Bring the database into a known state first",
                        applied.versions.empty() ? "?" : applied.versions.back()));
    }
    if (!applied.failed.empty()) {
        return make_error(Errc::refused, fmt::format("{} holds version {} as failed: {} goes on only after a repair",
                                                     version_table(layout), applied.failed.front(), to_string(layout)));
    }
    return {};
}

/// golang-migrate knows its newest version only: all up to it count as applied.
void pending_after_newest(const MigrationSet& set, const AppliedVersions& applied, PendingMigrations& found) {
    const std::string newest = applied.versions.empty() ? std::string() : applied.versions.back();
    for (std::size_t i = 0; i < set.migrations.size(); ++i) {
        const bool done = !newest.empty() && layouts::compare_numbers(set.migrations[i].version, newest) <= 0;
        if (done) {
            ++found.applied;
        } else {
            found.indexes.push_back(i);
        }
    }
}

void pending_by_name(const MigrationSet& set, const AppliedVersions& applied, PendingMigrations& found) {
    std::vector<std::string> left = applied.versions;
    for (std::size_t i = 0; i < set.migrations.size(); ++i) {
        const Migration& migration = set.migrations[i];
        const std::string name = plain_name(set.layout, migration.version);
        const auto at = std::find_if(left.begin(), left.end(),
                                     [&](const std::string& one) { return same_version(set.layout, one, name); });
        if (at == left.end()) {
            found.indexes.push_back(i);
            continue;
        }
        left.erase(at);
        ++found.applied;
        if (!found.indexes.empty() && !migration.repeatable) {
            found.warnings.push_back(fmt::format("{} is applied, though {} before it is not", migration.title(),
                                                 set.migrations[found.indexes.back()].title()));
        }
        if (migration.repeatable) {
            found.warnings.push_back(
                fmt::format("{} runs again when its text has changed, which is not known here: it counts "
                            "as to be run",
                            migration.title()));
            found.indexes.push_back(i);
        }
    }
    for (const std::string& version : left) {
        found.warnings.push_back(fmt::format("{} is applied, and no file is there for it", version));
    }
}

}  // namespace

std::string version_table(Layout layout) {
    switch (layout) {
        case Layout::plain: return {};
        case Layout::golang_migrate:
        case Layout::dbmate: return "schema_migrations";
        case Layout::flyway: return "flyway_schema_history";
        case Layout::sqitch: return "sqitch.changes";
        case Layout::goose: return "goose_db_version";
        case Layout::sql_migrate: return "gorp_migrations";
        case Layout::diesel: return "__diesel_schema_migrations";
        case Layout::liquibase: return "databasechangelog";
    }
    return {};
}

const std::set<std::string>& version_tables() {
    static const std::set<std::string> tables = {
        "schema_migrations", "flyway_schema_history",      "goose_db_version",     "gorp_migrations",
        "gorp_lock",         "__diesel_schema_migrations", "databasechangelog",    "databasechangeloglock",
        "alembic_version",   "django_migrations",          "ar_internal_metadata", "_prisma_migrations",
        "knex_migrations",   "knex_migrations_lock",       "_sqlx_migrations",     "refinery_schema_history"};
    return tables;
}

std::string applied_query(Layout layout) {
    switch (layout) {
        case Layout::plain: return {};
        case Layout::golang_migrate: return "select version::text, dirty::text from schema_migrations order by version";
        case Layout::dbmate: return "select version::text from schema_migrations order by version";
        case Layout::flyway:
            return "select version::text, description::text, type::text, success::text from flyway_schema_history "
                   "order by installed_rank";
        case Layout::sqitch: return "select change::text from sqitch.changes order by committed_at";
        case Layout::goose: return "select version_id::text, is_applied::text from goose_db_version order by id";
        case Layout::sql_migrate: return "select id::text from gorp_migrations order by id";
        case Layout::diesel: return "select version::text from __diesel_schema_migrations order by version";
        case Layout::liquibase:
            return "select author || ':' || id from databasechangelog where exectype <> 'FAILED' order by "
                   "orderexecuted";
    }
    return {};
}

Result<AppliedVersions> applied_from_rows(Layout layout, const std::vector<catalog::Row>& rows) {
    AppliedVersions applied;
    applied.table_found = true;
    const std::size_t columns = layout == Layout::flyway                                      ? 4
                                : layout == Layout::goose || layout == Layout::golang_migrate ? 2
                                                                                              : 1;
    for (const catalog::Row& row : rows) {
        if (row.size() == columns) continue;
        return make_error(Errc::protocol, fmt::format("{} did not answer as asked", version_table(layout)));
    }
    if (layout == Layout::goose) {
        add_goose(rows, applied);
    } else if (layout == Layout::flyway) {
        add_flyway(rows, applied);
    } else {
        for (const catalog::Row& row : rows) {
            applied.versions.push_back(cell(row, 0));
            applied.dirty = applied.dirty || (columns == 2 && cell(row, 1) == "true");
        }
    }
    return applied;
}

Result<PendingMigrations> pending(const MigrationSet& set, const AppliedVersions& applied) {
    UNDERSTUDY_CHECK(refuse_failures(set.layout, applied));
    PendingMigrations found;
    if (!applied.table_found) {
        const std::string table = version_table(set.layout);
        found.warnings.push_back(table.empty()
                                     ? "plain files have no table of versions: all count as to be run"
                                     : "no table " + table + " in the database: no migration counts as applied");
    }
    if (set.layout == Layout::golang_migrate) {
        pending_after_newest(set, applied, found);
    } else {
        pending_by_name(set, applied, found);
    }
    return found;
}

Result<PendingMigrations> read_pending(catalog::ControlConnection& connection, const MigrationSet& set) {
    const std::string table = version_table(set.layout);
    AppliedVersions applied;
    if (!table.empty()) {
        UNDERSTUDY_CHECK(connection.begin_read_only());
        UNDERSTUDY_TRY(const auto found, connection.query(fmt::format("select to_regclass({}) is not null",
                                                                      connection.quoted_literal(table))));
        if (found.size() == 1 && cell(found[0], 0) == "t") {
            UNDERSTUDY_TRY(const auto rows, connection.query(applied_query(set.layout)));
            UNDERSTUDY_TRY(applied, applied_from_rows(set.layout, rows));
        }
        UNDERSTUDY_CHECK(connection.commit());
    }
    return pending(set, applied);
}

}  // namespace understudy::schema
