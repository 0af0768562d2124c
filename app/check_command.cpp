#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/check/checked_databases.hpp"
#include "app/check/report_cache.hpp"
#include "app/command.hpp"
#include "app/compare/report_files.hpp"
#include "app/keys.hpp"
#include "app/migration_hazards.hpp"
#include "app/options.hpp"
#include "core/catalog/target_marker.hpp"
#include "core/store/byte_io.hpp"
#include "core/store/capture_reader.hpp"
#include "schema/check/check_report.hpp"
#include "schema/check/collector.hpp"
#include "schema/migration/applied.hpp"
#include "schema/migration/read_files.hpp"

namespace understudy::app {
namespace {

struct CheckOptions {
    std::string capture;
    DatabaseChoice databases;
    std::string copy = "schema";
    std::string production_id;
    std::vector<std::string> allow;
    std::string database;
    std::string json;
    std::string cache;
    Keys keys;
    double min_coverage = 90;  ///< per cent
};

/// What a capture says.
struct Collected {
    schema::RecordedStatements statements;
    std::uint64_t system_identifier = 0;  ///< of the recorded server; 0: not recorded
};

/// Reads the capture to its end. Damage is said, and what is whole is checked.
Result<Collected> collect(const CheckOptions& options) {
    schema::StatementCollector collector(options.database);
    Collected collected;
    UNDERSTUDY_TRY(const auto files, store::capture_files(options.capture));
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(file, options.keys.ring));
        if (collected.system_identifier == 0) collected.system_identifier = reader->header().system_identifier;
        while (true) {
            UNDERSTUDY_TRY(const std::optional<Event> event, reader->next());
            if (!event) break;
            collector.on_event(*event);
        }
        const store::Damage& damage = reader->damage();
        if (damage.none()) continue;
        fmt::print(stderr,
                   "understudy: {} is not complete: {} bad chunks, {} bytes skipped, {} bytes cut off at its "
                   "end{}\n",
                   file, damage.bad_chunks, damage.bytes_skipped, damage.bytes_cut_off,
                   damage.trailer_missing ? ", no trailer" : "");
    }
    collected.statements = collector.take();
    return collected;
}

/// What is known of production, for the interlock of the scratch database.
Result<void> know_production(CheckOptions& options, std::uint64_t recorded) {
    CopyOptions& copies = options.databases.copies;
    copies.recorded_system_identifier = recorded;
    copies.production_id_none = options.production_id == "none";
    if (options.production_id.empty() || copies.production_id_none) return {};
    copies.production_id = catalog::parse_system_identifier(options.production_id);
    if (copies.production_id) return {};
    return make_error(Errc::usage,
                      fmt::format("--production-id takes a system identifier (select system_identifier from "
                                  "pg_control_system()) or none, not '{}'",
                                  options.production_id));
}

int exit_code_of(schema::Verdict verdict) {
    switch (verdict) {
        case schema::Verdict::passed: return kPassed;
        case schema::Verdict::findings: return kDiverged;
        case schema::Verdict::inconclusive: return kInconclusive;
    }
    return kInconclusive;
}

/// Asks both servers, and judges.
Result<schema::CheckReport> check_statements(const CheckOptions& options, const schema::RecordedStatements& recorded,
                                             const CheckedDatabases& databases) {
    UNDERSTUDY_TRY(const net::ConnectionInfo baseline, net::parse_conninfo(databases.baseline));
    UNDERSTUDY_TRY(const net::ConnectionInfo candidate, net::parse_conninfo(databases.candidate));
    if (baseline.to_string() == candidate.to_string()) {
        fmt::print(stderr, "understudy: baseline and candidate are the same database: nothing can differ\n");
    }
    const schema::CheckPlan plan = schema::make_plan(recorded);
    const Timestamp start = system_clock().now();
    UNDERSTUDY_TRY(const auto answers, schema::describe_on_both(baseline, candidate, recorded, plan));
    schema::CheckReport report =
        schema::build_report(recorded, plan, answers.first, answers.second, options.min_coverage / 100);
    UNDERSTUDY_TRY(const schema::SchemaFacts before, schema::read_schema_facts(databases.baseline));
    UNDERSTUDY_TRY(const schema::SchemaFacts after, schema::read_schema_facts(databases.candidate));
    schema::add_predictions(report, recorded, plan, answers.first, answers.second,
                            schema::predict(recorded, plan, answers.first, answers.second, before, after));
    report.duration = system_clock().now() - start;
    report.baseline = baseline.to_string();
    report.candidate = candidate.to_string();
    return report;
}

/// Everything that the report depends on.
Result<std::string> cache_key(const CheckOptions& options) {
    const DatabaseChoice& databases = options.databases;
    std::string key = fmt::format("understudy {}\ndatabase {}\ncoverage {}\ncopy {}\nallow {}\n", UNDERSTUDY_VERSION,
                                  options.database, options.min_coverage, options.copy, fmt::join(options.allow, ","));
    UNDERSTUDY_TRY(const auto files, store::capture_files(options.capture));
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const std::string stamp, file_stamps(file, false));
        key += "capture " + stamp;
    }
    for (const std::string* database : {&databases.baseline, &databases.candidate, &databases.target}) {
        if (database->empty()) continue;
        UNDERSTUDY_TRY(const net::ConnectionInfo info, net::parse_conninfo(*database));
        UNDERSTUDY_TRY(const std::string stamp, catalogue_stamp(*database));
        key += "catalogues of " + info.to_string() + "\n" + stamp;
    }
    for (const std::string* path : {&databases.schema, &databases.migration}) {
        if (path->empty()) continue;
        UNDERSTUDY_TRY(const std::string stamp, file_stamps(*path, true));
        key += "file " + stamp;
    }
    return key;
}

Result<void> write_report(const CheckOptions& options, const CachedReport& report) {
    if (!options.json.empty()) UNDERSTUDY_CHECK(write_private_file(options.json, report.json));
    fmt::print("{}", report.text);
    if (std::fflush(stdout) != 0) return make_error(Errc::io, "cannot write the report to standard output");
    return {};
}

/// What the migration does to those who use its tables, below the report of what it does to their statements.
Result<void> add_hazards(const CheckOptions& options, CachedReport& report) {
    if (options.databases.migration.empty()) return {};
    UNDERSTUDY_TRY(const schema::MigrationSet set, schema::read_migrations(options.databases.migration));
    std::vector<std::size_t> pending(set.migrations.size());
    std::iota(pending.begin(), pending.end(), std::size_t{0});
    if (!options.databases.target.empty()) {
        UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(options.databases.target));
        UNDERSTUDY_TRY(auto unapplied, schema::read_pending(connection, set));
        pending = std::move(unapplied.indexes);
    }
    UNDERSTUDY_TRY(const auto hazards,
                   migration_hazards(set, pending, options.databases.target, options.capture, options.keys));
    auto list = nlohmann::ordered_json::array();
    report.text += "\nThe text of the migration (understudy lint):\n";
    for (const schema::hazard::HazardReport& one : hazards) {
        report.text += schema::hazard::to_text(one);
        list.push_back(nlohmann::ordered_json::parse(schema::hazard::to_json(one), nullptr, false));
    }
    auto json = nlohmann::ordered_json::parse(report.json, nullptr, false);
    json["hazards"] = std::move(list);
    report.json = json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    return {};
}

/// Makes the report; `may_be_kept` is set to whether a run of the same would surely say the same.
Result<CachedReport> make_report(CheckOptions& options, bool& may_be_kept) {
    UNDERSTUDY_TRY(const Collected collected, collect(options));
    UNDERSTUDY_CHECK(know_production(options, collected.system_identifier));
    UNDERSTUDY_TRY(CheckedDatabases databases, CheckedDatabases::prepare(options.databases));
    // A signal does not interrupt the statement that the migration is at.
    if (stop_requested()) {
        return make_error(Errc::inconclusive, "stopped before the end; scratch databases were dropped");
    }
    UNDERSTUDY_TRY(schema::CheckReport report, check_statements(options, collected.statements, databases));
    report.notes = std::move(databases.notes);
    report.migration = std::move(databases.migration);
    const bool failed = report.migration && report.migration->failed;
    if (failed) report.verdict = schema::Verdict::findings;
    may_be_kept = !failed && report.not_checked.count("server_trouble") == 0;
    CachedReport made{exit_code_of(report.verdict), schema::to_text(report), schema::to_json(report)};
    UNDERSTUDY_CHECK(add_hazards(options, made));
    return made;
}

Result<int> run_check(CheckOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_CHECK(judge_choice(options.databases));
    watch_for_stop();
    options.databases.copies.stop = stop_requested;
    options.databases.copy = options.copy == "template" ? CopyKind::template_copy : CopyKind::schema_only;
    options.databases.allowed.insert(options.allow.begin(), options.allow.end());
    const ReportCache cache(options.cache);
    std::string key;
    if (!options.cache.empty()) {
        UNDERSTUDY_TRY(key, cache_key(options));
        if (auto found = cache.find(key)) {
            fmt::print(stderr, "understudy: nothing has changed since this was checked; the report is from {}\n",
                       options.cache);
            UNDERSTUDY_CHECK(write_report(options, *found));
            return found->exit_code;
        }
    }
    bool may_be_kept = false;
    UNDERSTUDY_TRY(const CachedReport report, make_report(options, may_be_kept));
    if (!options.cache.empty() && may_be_kept) UNDERSTUDY_CHECK(cache.keep(key, report));
    UNDERSTUDY_CHECK(write_report(options, report));
    return report.exit_code;
}

void add_database_options(CLI::App& command, CheckOptions& options) {
    DatabaseChoice& databases = options.databases;
    command.add_option("-t,--target", databases.target,
                       "Connection string or URL of a marked database: a scratch copy of it is migrated and asked");
    command
        .add_option("--schema", databases.schema,
                    "A schema dump, for a throwaway PostgreSQL on this machine instead of a target")
        ->type_name("DUMP.sql");
    command.add_option("-m,--migration", databases.migration,
                       "The migration: an SQL file, or a directory of a migration tool");
    command.add_option("-b,--baseline", databases.baseline,
                       "Connection string or URL of a database with the old schema");
    command.add_option("-c,--candidate", databases.candidate, "Connection string or URL of one with the new schema");
    command
        .add_option("--copy", options.copy,
                    "How the scratch database is made: schema (pg_dump), or template (with data)")
        ->check(CLI::IsMember({"schema", "template"}))
        ->capture_default_str();
    command.add_flag("--close-connections", databases.copies.close_connections,
                     "End others' connections to the target where a template copy needs that");
    command.add_option("--postgres-bin", databases.copies.postgres_bin, "Where pg_dump, psql, initdb and pg_ctl are")
        ->type_name("DIR");
    command
        .add_option("--cache", options.cache,
                    "Keep reports there, and take one from there when neither capture, schemas nor migration changed")
        ->type_name("DIR");
    command.add_option("--allow", options.allow, "An effect outside of the database that the migration may have");
    command.add_option(
        "--production-id", options.production_id,
        "System identifier of production, or none: needed with --target when the capture does not say it");
}

}  // namespace

void add_check_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* command =
        app.add_subcommand("check", "Ask a candidate schema about every recorded statement, executing none");
    command->add_option("capture", options->capture, "Capture file or directory")->required();
    add_database_options(*command, *options);
    command->add_option("--database", options->database, "Only what was recorded in this database (default: all)");
    command
        ->add_option("--min-coverage", options->min_coverage,
                     "Per cent of the distinct statements that must be checked for a verdict")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    add_key_option(*command, options->keys);
    command->add_option("--json", options->json,
                        "Write the report there as well, as JSON; an existing file is replaced");
    command->footer(
        "Each distinct statement is parsed, described and planned with both schemas and never executed; what that "
        "cannot\n"
        "show (constraints, triggers, defaults …) is predicted from what differs between the schemas.\n"
        "Examples:\n"
        "  understudy check prod.pgcap --target 'host=staging dbname=shop' --migration db/migrations\n"
        "  understudy check prod.pgcap --schema schema.sql --migration V42__orders.sql --json check.json\n"
        "  understudy check prod.pgcap -b postgresql://staging/shop -c postgresql://staging/shop_next\n"
        "Exit code 1: something differs, or the migration fails; 3: too little could be checked; 4: a server or a "
        "file\n"
        "cannot be reached. The report shows statements as they were recorded, literals included.");
    command->callback([options, &exit_code] {
        const Result<int> result = run_check(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
