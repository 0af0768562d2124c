#include "app/check/checked_databases.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "app/check/dump_roles.hpp"
#include "app/copies/carry_over.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kMaxDump = std::size_t{256} << 20U;

Result<Bytes> read_dump(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return make_error(Errc::io, fmt::format("cannot read {}", path));
    if (static_cast<std::size_t>(file.tellg()) > kMaxDump) {
        return make_error(Errc::limit,
                          fmt::format("{} is longer than 256 MiB: dump the schema only (pg_dump --schema-only)", path));
    }
    file.seekg(0);
    return Bytes(std::istreambuf_iterator<char>(file), {});
}

/// Those of the dump that the throwaway server does not have yet.
Result<std::size_t> create_roles(const std::string& conninfo, const std::set<Bytes>& roles) {
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(conninfo));
    UNDERSTUDY_TRY(const auto rows, connection.query("select rolname from pg_catalog.pg_roles"));
    std::set<Bytes> there;
    for (const auto& row : rows) there.insert(row.at(0).value_or(""));
    std::size_t made = 0;
    for (const Bytes& role : roles) {
        if (there.count(role) > 0) continue;
        UNDERSTUDY_CHECK(connection.query(fmt::format("create role {} login", quote_name(role))));
        ++made;
    }
    return made;
}

}  // namespace

Result<void> judge_choice(const DatabaseChoice& choice) {
    const int ways = (!choice.target.empty() ? 1 : 0) + (!choice.schema.empty() ? 1 : 0) +
                     (!choice.baseline.empty() || !choice.candidate.empty() ? 1 : 0);
    if (ways != 1) {
        return make_error(
            Errc::usage,
            "give one of: --target CONNINFO --migration PATH (a scratch copy is migrated), --schema DUMP.sql "
            "--migration PATH (no server needed), or --baseline CONNINFO --candidate CONNINFO");
    }
    if (!choice.baseline.empty() || !choice.candidate.empty()) {
        if (choice.baseline.empty())
            return make_error(Errc::usage, "--baseline is missing: the database with the old schema");
        if (choice.candidate.empty()) {
            return make_error(Errc::usage, "--candidate is missing: the database with the new schema");
        }
        if (!choice.migration.empty()) {
            return make_error(Errc::usage,
                              "--migration goes with --target or --schema; --candidate is migrated already");
        }
        return {};
    }
    if (choice.migration.empty()) {
        return make_error(Errc::usage,
                          fmt::format("{} alone has nothing to compare with: give --migration FILE|DIR, or the "
                                      "two databases as --baseline and --candidate",
                                      choice.target.empty() ? "--schema" : "--target"));
    }
    return {};
}

Result<CheckedDatabases> CheckedDatabases::prepare(const DatabaseChoice& choice) {
    UNDERSTUDY_CHECK(judge_choice(choice));
    CheckedDatabases databases;
    if (!choice.target.empty()) {
        UNDERSTUDY_CHECK(databases.prepare_copy(choice));
    } else if (!choice.schema.empty()) {
        UNDERSTUDY_CHECK(databases.prepare_embedded(choice));
    } else {
        databases.baseline = choice.baseline;
        databases.candidate = choice.candidate;
    }
    return databases;
}

Result<void> CheckedDatabases::prepare_copy(const DatabaseChoice& choice) {
    UNDERSTUDY_TRY(migrations, pending_migrations(choice.migration, choice.target, choice.allowed));
    UNDERSTUDY_TRY(auto copies, DatabaseCopies::open(choice.target, choice.copies));
    copies_.emplace(std::move(copies));
    UNDERSTUDY_TRY(const DatabaseCopy copy, copies_->create("check", choice.copy));
    notes.push_back(fmt::format("scratch database {} made in {:.1f} s ({}), dropped at the end", copy.name,
                                copy.duration.to_seconds(),
                                choice.copy == CopyKind::schema_only ? "schema only" : "template copy"));
    for (const std::string& loss : copy.losses) notes.push_back("not carried over to it: " + loss);
    baseline = choice.target;
    candidate = copy.conninfo;
    UNDERSTUDY_TRY(migration, migrate_scratch(*migrations, candidate));
    return {};
}

Result<void> CheckedDatabases::prepare_embedded(const DatabaseChoice& choice) {
    UNDERSTUDY_TRY(const Bytes dump, read_dump(choice.schema));
    UNDERSTUDY_TRY(server_, EmbeddedServer::start(choice.copies.postgres_bin, choice.copies.stop));
    UNDERSTUDY_TRY(const std::size_t roles, create_roles(server_->conninfo("postgres"), roles_of_dump(dump)));
    notes.push_back(
        fmt::format("throwaway PostgreSQL {}; {} roles that the dump names were created", server_->version(), roles));
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(server_->conninfo("postgres")));
    UNDERSTUDY_CHECK(connection.query("create database baseline template template0"));
    UNDERSTUDY_CHECK(server_->load(choice.schema, "baseline"));
    UNDERSTUDY_CHECK(connection.query("create database candidate template baseline"));
    baseline = server_->conninfo("baseline");
    candidate = server_->conninfo("candidate");
    UNDERSTUDY_TRY(migrations, pending_migrations(choice.migration, candidate, choice.allowed));
    UNDERSTUDY_TRY(migration, migrate_scratch(*migrations, candidate));
    return {};
}

}  // namespace understudy::app
