#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "app/command.hpp"
#include "app/keys.hpp"
#include "core/store/byte_io.hpp"
#include "core/store/capture_reader.hpp"
#include "schema/check/check_report.hpp"
#include "schema/check/collector.hpp"

namespace understudy::app {
namespace {

struct CheckOptions {
    std::string capture;
    std::string baseline;
    std::string candidate;
    std::string database;
    std::string json;
    Keys keys;
    double min_coverage = 90;  ///< per cent
};

/// Reads the capture to its end. Damage is said, and what is whole is checked.
Result<schema::RecordedStatements> collect(const CheckOptions& options) {
    schema::StatementCollector collector(options.database);
    UNDERSTUDY_TRY(const auto files, store::capture_files(options.capture));
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(file, options.keys.ring));
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
    return collector.take();
}

/// Replaces the file as a whole, or leaves it as it was.
Result<void> write_file(const std::string& path, const std::string& text) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    const bool special = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
    const std::string written = special ? path : path + ".partial";
    UNDERSTUDY_TRY(const auto sink, store::create_file(written));
    Result<void> done = sink->append(text);
    if (done) done = sink->sync();
    if (done && !special && std::rename(written.c_str(), path.c_str()) != 0) {
        done = make_error(Errc::io, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    }
    if (!done && !special) std::remove(written.c_str());
    return done;
}

int exit_code_of(schema::Verdict verdict) {
    switch (verdict) {
        case schema::Verdict::passed: return kPassed;
        case schema::Verdict::findings: return kDiverged;
        case schema::Verdict::inconclusive: return kInconclusive;
    }
    return kInconclusive;
}

Result<int> run_check(CheckOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(const net::ConnectionInfo baseline, net::parse_conninfo(options.baseline));
    UNDERSTUDY_TRY(const net::ConnectionInfo candidate, net::parse_conninfo(options.candidate));
    if (baseline.to_string() == candidate.to_string()) {
        fmt::print(stderr, "understudy: baseline and candidate are the same database: nothing can differ\n");
    }
    UNDERSTUDY_TRY(const schema::RecordedStatements recorded, collect(options));
    const schema::CheckPlan plan = schema::make_plan(recorded);
    const Timestamp start = system_clock().now();
    UNDERSTUDY_TRY(const auto answers, schema::describe_on_both(baseline, candidate, recorded, plan));
    schema::CheckReport report =
        schema::build_report(recorded, plan, answers.first, answers.second, options.min_coverage / 100);
    report.duration = system_clock().now() - start;
    report.baseline = baseline.to_string();
    report.candidate = candidate.to_string();
    if (!options.json.empty()) UNDERSTUDY_CHECK(write_file(options.json, schema::to_json(report)));
    fmt::print("{}", schema::to_text(report));
    if (std::fflush(stdout) != 0) return make_error(Errc::io, "cannot write the report to standard output");
    return exit_code_of(report.verdict);
}

}  // namespace

void add_check_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* command =
        app.add_subcommand("check", "Ask a candidate schema about every recorded statement, executing none");
    command->add_option("capture", options->capture, "Capture file or directory")->required();
    command
        ->add_option("-b,--baseline", options->baseline, "Connection string or URL of a database with the old schema")
        ->required();
    command->add_option("-c,--candidate", options->candidate, "Connection string or URL of one with the new schema")
        ->required();
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
        "Each distinct statement is parsed and described on both databases and never executed: they need no "
        "data.\n"
        "Examples:\n"
        "  understudy check prod.pgcap --baseline 'host=staging dbname=shop' --candidate 'host=staging "
        "dbname=shop_next'\n"
        "  understudy check prod.pgcap -b postgresql://staging/shop -c postgresql://staging/shop_next --json "
        "check.json\n"
        "Exit code 1: something differs; 3: too little could be checked; 4: a server or a file cannot be "
        "reached.\n"
        "The report shows statements as they were recorded, literals included.");
    command->callback([options, &exit_code] {
        const Result<int> result = run_check(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
