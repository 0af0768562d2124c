#include <fmt/format.h>

#include <cstdio>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/check/ask_both.hpp"
#include "app/check/check_as_report.hpp"
#include "app/check/check_files.hpp"
#include "app/check/checked_databases.hpp"
#include "app/check/recorded_capture.hpp"
#include "app/check/report_cache.hpp"
#include "app/command.hpp"
#include "app/compare/report_files.hpp"
#include "app/keys.hpp"
#include "app/migration_hazards.hpp"
#include "app/options.hpp"
#include "app/production_id.hpp"
#include "app/rehearse/sections.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/catalog/target_marker.hpp"
#include "core/store/capture_reader.hpp"
#include "schema/check/check_report.hpp"

namespace understudy::app {
namespace {

struct CheckOptions {
    std::string capture;
    DatabaseChoice databases;
    std::string copy = "schema";
    std::string temp_tables = "auto";
    std::string production_id;
    std::vector<std::string> allow;
    std::string database;
    std::string json;
    CheckFiles files;
    std::string cache;
    Keys keys;
    double min_coverage = 90;  ///< per cent
};

/// What is known of production, for the interlock of the scratch database.
Result<void> know_production(CheckOptions& options, std::uint64_t recorded) {
    CopyOptions& copies = options.databases.copies;
    copies.recorded_system_identifier = recorded;
    UNDERSTUDY_TRY(const ProductionId production, parse_production_id(options.production_id));
    copies.production_id = production.identifier;
    copies.production_id_none = production.none;
    return {};
}

int exit_code_of(schema::Verdict verdict) {
    switch (verdict) {
        case schema::Verdict::passed: return kPassed;
        case schema::Verdict::findings: return kDiverged;
        case schema::Verdict::inconclusive: return kInconclusive;
    }
    return kInconclusive;
}

/// Everything that the report depends on.
Result<std::string> cache_key(const CheckOptions& options) {
    const DatabaseChoice& databases = options.databases;
    std::string key = fmt::format("understudy {}\ndatabase {}\ncoverage {}\ncopy {}\ntemp {}\nallow {}\n",
                                  UNDERSTUDY_VERSION, options.database, options.min_coverage, options.copy,
                                  options.temp_tables, fmt::join(options.allow, ","));
    UNDERSTUDY_TRY(const auto files, store::capture_files(options.capture));
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const std::string stamp, capture_stamp(file));
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
        UNDERSTUDY_TRY(const std::string stamp, file_stamps(*path));
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

using HazardReports = std::vector<schema::hazard::HazardReport>;

/// What the migration does to those who use its tables; nothing without a migration.
Result<HazardReports> hazards_of(const CheckOptions& options, const std::optional<ChosenMigrations>& migrations,
                                 std::future<Result<schema::hazard::Traffic>>& counted) {
    if (!migrations || !counted.valid()) return HazardReports();
    UNDERSTUDY_TRY(const schema::hazard::Traffic traffic, counted.get());
    return migration_hazards(migrations->set, migrations->pending, options.databases.target, traffic);
}

/// Below the report of what the migration does to their statements.
void add_hazards(const HazardReports& hazards, CachedReport& report) {
    auto list = nlohmann::ordered_json::array();
    report.text += "\nThe text of the migration (understudy lint):\n";
    for (const schema::hazard::HazardReport& one : hazards) {
        report.text += schema::hazard::to_text(one);
        list.push_back(nlohmann::ordered_json::parse(schema::hazard::to_json(one), nullptr, false));
    }
    auto json = nlohmann::ordered_json::parse(report.json, nullptr, false);
    json["hazards"] = std::move(list);
    report.json = json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<void> write_forms(const CheckOptions& options, const schema::CheckReport& check, const HazardReports& hazards) {
    if (!options.files.any()) return {};
    compare::Report report = check_as_report(check, options.databases.migration);
    if (!hazards.empty()) {
        compare::Section section = hazard_section(hazards);
        section.state = compare::SectionState::passed;  // the exit code does not depend on it, either
        report.sections.push_back(std::move(section));
    }
    return write_check_files(options.files, std::move(report), options.databases.migration);
}

/// Whether temporary tables may be made: with auto not where the baseline is the server that was recorded.
Result<bool> may_make_temp_tables(const CheckOptions& options, const RecordedCapture& recorded) {
    const std::string& baseline = options.databases.baseline;
    if (options.temp_tables != "auto") return options.temp_tables == "always";
    if (baseline.empty() || recorded.system_identifier == 0) return true;
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(baseline));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(const auto rows, connection.query(fmt::format("select {}", catalog::kSystemIdentifierSql)));
    return rows.size() != 1 || rows[0].at(0) != std::to_string(recorded.system_identifier);
}

/// Makes the report; `may_be_kept` is set to whether a run of the same would surely say the same.
Result<CachedReport> make_report(CheckOptions& options, bool& may_be_kept) {
    UNDERSTUDY_TRY(const RecordedCapture collected, recorded_capture(options.capture, options.database, options.keys));
    UNDERSTUDY_CHECK(know_production(options, collected.system_identifier));
    // Beside what mostly waits for servers.
    std::future<Result<schema::hazard::Traffic>> traffic;
    if (!options.databases.migration.empty()) {
        traffic = std::async(std::launch::async,
                             [&] { return recorded_traffic(options.capture, options.database, options.keys); });
    }
    UNDERSTUDY_TRY(CheckedDatabases databases, CheckedDatabases::prepare(options.databases));
    // A signal does not interrupt the statement that the migration is at.
    if (stop_requested()) {
        return make_error(Errc::inconclusive, "stopped before the end; scratch databases were dropped");
    }
    AskOptions asking;
    asking.min_coverage = options.min_coverage / 100;
    asking.cache = options.cache;
    UNDERSTUDY_TRY(asking.temp_tables, may_make_temp_tables(options, collected));
    UNDERSTUDY_TRY(schema::CheckReport report, ask_both(databases, collected.statements, asking));
    report.notes.insert(report.notes.begin(), databases.notes.begin(), databases.notes.end());
    report.migration = std::move(databases.migration);
    const bool failed = report.migration && report.migration->failed;
    if (failed) report.verdict = schema::Verdict::findings;
    may_be_kept = !failed && report.not_checked.count("server_trouble") == 0;
    CachedReport made{exit_code_of(report.verdict), schema::to_text(report), schema::to_json(report)};
    UNDERSTUDY_TRY(const HazardReports hazards, hazards_of(options, databases.migrations, traffic));
    if (databases.migrations) add_hazards(hazards, made);
    UNDERSTUDY_CHECK(write_forms(options, report, hazards));
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
        // The other forms are made from the answers, which are kept as well.
        if (auto found = options.files.any() ? std::nullopt : cache.find(key)) {
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
    command
        .add_option("--temp-tables", options.temp_tables,
                    "Make the temporary tables that statements need, in transactions that are rolled back: auto (not "
                    "where the baseline is the recorded server itself), always, never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
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
    add_check_file_options(*command, options->files);
    command->footer(
        "Each distinct statement is parsed, described and planned with both schemas and never executed; what that "
        "cannot\n"
        "show (constraints, triggers, defaults …) is predicted from what differs between the schemas.\n"
        "Examples:\n"
        "  understudy check prod.pgcap --target 'host=staging dbname=shop' --migration db/migrations\n"
        "  understudy check prod.pgcap --schema schema.sql --migration V42__orders.sql --json check.json\n"
        "  understudy check prod.pgcap --schema schema.sql --migration V42__orders.sql --junit junit.xml --html "
        "check.html\n"
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
