#include "app/schema/diff_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "app/check/recorded_capture.hpp"
#include "app/command.hpp"
#include "app/compare/report_files.hpp"
#include "app/keys.hpp"
#include "app/schema/snapshot_source.hpp"
#include "core/catalog/snapshot/snapshot_fingerprint.hpp"
#include "core/store/capture_reader.hpp"
#include "core/store/capture_span.hpp"
#include "schema/diff/diff_report.hpp"

namespace understudy::app {
namespace {

struct DiffOptions {
    std::string before;
    std::string after;
    std::string capture;
    std::string database;
    std::string json;
    std::string exit_code = "breaking";
    Keys keys;
};

Result<schema::SchemaBlame> blame(const DiffOptions& options, const catalog::Snapshot& before,
                                  const catalog::Snapshot& after, const std::vector<catalog::ObjectChange>& changes) {
    UNDERSTUDY_TRY(const RecordedCapture capture, recorded_capture(options.capture, options.database, options.keys));
    const schema::RecordedStatements& recorded = capture.statements;
    UNDERSTUDY_TRY(const auto files, store::capture_files(options.capture));
    UNDERSTUDY_TRY(const auto span, store::capture_span(files));
    if (recorded.unknown_executions > 0 || recorded.beyond_limit > 0 || recorded.unreadable > 0) {
        fmt::print(
            stderr,
            "understudy: not known what {} executions ran (prepared before the capture began), {} beyond the limit of "
            "distinct statements, {} exchanges with lost bytes\n",
            recorded.unknown_executions, recorded.beyond_limit, recorded.unreadable);
    }
    return schema::blame(changes, before, after, recorded, span.first, span.last);
}

/// What the report calls a side: a file by its name, a database never by a connection string, which may hold a
/// password.
std::string shown(const std::string& source, const catalog::Snapshot& snapshot) {
    const bool file = source.find('=') == std::string::npos && source.find("://") == std::string::npos;
    return file ? source : fmt::format("database {}", snapshot.database);
}

bool fails(const DiffOptions& options, const schema::DiffReport& report) {
    if (options.exit_code == "none") return false;
    if (options.exit_code == "any") return !report.changes.empty();
    if (report.blame) {
        const auto& changes = report.blame->changes;
        return std::any_of(changes.begin(), changes.end(),
                           [](const schema::BlamedChange& change) { return change.breaks(); });
    }
    return std::any_of(report.changes.begin(), report.changes.end(), [](const catalog::ObjectChange& change) {
        return change.worst() <= catalog::ChangeClass::privilege;
    });
}

Result<int> run_diff(DiffOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(const auto before, load_snapshot(options.before));
    UNDERSTUDY_TRY(const auto after, load_snapshot(options.after));
    schema::DiffReport report;
    report.before = shown(options.before, before);
    report.after = shown(options.after, after);
    report.fingerprint_before = catalog::fingerprint(before);
    report.fingerprint_after = catalog::fingerprint(after);
    report.unread = before.unread;
    report.unread.insert(report.unread.end(), after.unread.begin(), after.unread.end());
    report.changes = catalog::schema_diff(before, after);
    if (!options.capture.empty()) {
        UNDERSTUDY_TRY(report.blame, blame(options, before, after, report.changes));
    }
    if (before.server_version / 10000 != after.server_version / 10000) {
        fmt::print(stderr,
                   "understudy: the snapshots are of PostgreSQL {} and {}, which write some definitions differently\n",
                   before.server_version / 10000, after.server_version / 10000);
    }
    if (!options.json.empty()) UNDERSTUDY_CHECK(write_private_file(options.json, schema::to_json(report)));
    fmt::print("{}", schema::to_text(report));
    if (std::fflush(stdout) != 0) return make_error(Errc::io, "cannot write the report to standard output");
    return fails(options, report) ? kDiverged : kPassed;
}

}  // namespace

void add_schema_diff_command(CLI::App& schema, int& exit_code) {
    auto options = std::make_shared<DiffOptions>();
    CLI::App* command =
        schema.add_subcommand("diff", "What changed between two schemas, what that does, and whom it hits");
    command
        ->add_option("before", options->before,
                     "File of schema snapshot, or connection string or URL, of the old schema")
        ->required();
    command->add_option("after", options->after, "The same of the new schema")->required();
    command->add_option("--capture", options->capture,
                        "Capture file or directory: name the recorded statements that touch what changed");
    command->add_option("--database", options->database,
                        "Of the capture only what was recorded in this database (default: all)");
    add_key_option(*command, options->keys);
    command->add_option("--json", options->json,
                        "Write the report there as well, as JSON; an existing file is replaced");
    command
        ->add_option(
            "--exit-code", options->exit_code,
            "When the exit code is 1: breaking (readers, writers, privileges; with --capture only what a recorded "
            "statement touches), any (whatever differs), none")
        ->check(CLI::IsMember({"breaking", "any", "none"}))
        ->capture_default_str();
    command->footer(
        "Databases are asked in one read-only transaction each. Statements are shown without their constants.\n"
        "Examples:\n"
        "  understudy schema diff 'host=prod dbname=shop' 'host=staging dbname=shop_next' --capture prod.pgcap\n"
        "  understudy schema diff shop.schema.json 'host=staging dbname=shop' --exit-code any");
    command->callback([options, &exit_code] {
        const Result<int> result = run_diff(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
