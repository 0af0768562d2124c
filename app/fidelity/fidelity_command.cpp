#include "app/fidelity/fidelity_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "app/command.hpp"
#include "app/compare/compared_capture.hpp"
#include "app/compare/report_files.hpp"
#include "app/fidelity/environment_source.hpp"
#include "app/fidelity/measure.hpp"
#include "app/fidelity/migration_coverage.hpp"
#include "app/fidelity/page.hpp"
#include "app/fidelity/section.hpp"
#include "app/fidelity/snapshot_command.hpp"
#include "app/fidelity/storage_probe.hpp"
#include "app/lint_files.hpp"
#include "app/options.hpp"
#include "core/catalog/snapshot/snapshot_fingerprint.hpp"
#include "schema/hazard/script.hpp"

namespace understudy::app {
namespace {

namespace fidelity = schema::fidelity;
using fidelity::Certificate;
using fidelity::Environment;

struct FidelityOptions {
    std::string production;
    std::string staging;
    std::string capture;
    std::string answers;
    std::vector<std::string> migration;
    std::string earlier;
    std::string json;
    std::string html;
    std::string statement_timeout = "2s";
    double min_reproduction = 0;
    bool probe = false;
    Keys keys;
};

Result<void> complete(const FidelityOptions& options) {
    if (options.production.empty() || options.staging.empty()) {
        return make_error(Errc::usage,
                          "--production and --staging are needed: connection strings, or files of fidelity snapshot");
    }
    if (!options.answers.empty() && options.capture.empty()) {
        return make_error(Errc::usage, "--answers needs --capture: the recording that was replayed");
    }
    if (options.min_reproduction > 0 && options.answers.empty()) {
        return make_error(Errc::usage, "--min-reproduction needs --capture and --answers: it is measured with them");
    }
    if (options.probe && is_environment_file(options.staging)) {
        return make_error(Errc::usage, "--probe-storage needs a connection to staging, not a file");
    }
    return {};
}

/// The key under which both sides' statistics can be compared: where one side is a file, the key that it was made with,
/// if it was given; else one of its own that nobody keeps.
Result<std::optional<DigestKey>> key_for(const FidelityOptions& options, const std::optional<Environment>& file) {
    std::optional<DigestKey> known = options.keys.digest_key;
    if (!file) return known ? known : std::optional(DigestKey::generate());
    if (!file->keyed) return std::optional<DigestKey>();
    if (!known && !options.capture.empty()) {
        UNDERSTUDY_TRY(const auto capture, ComparedCapture::open(options.capture, options.keys));
        known = capture->digest_key();
    }
    return known && known->id() == file->key_id ? known : std::optional<DigestKey>();
}

struct Sides {
    Environment production;
    Environment staging;
};

Result<Sides> load_sides(const FidelityOptions& options) {
    Sides sides;
    std::optional<Environment> file;
    for (const std::string* source : {&options.production, &options.staging}) {
        if (file || !is_environment_file(*source)) continue;
        UNDERSTUDY_TRY(file, read_environment_file(*source));
    }
    EnvironmentReading reading;
    UNDERSTUDY_TRY(reading.limits.statement_timeout, parse_duration(options.statement_timeout));
    UNDERSTUDY_TRY(reading.key, key_for(options, file));
    UNDERSTUDY_TRY(sides.production, load_environment(options.production, reading));
    UNDERSTUDY_TRY(sides.staging, load_environment(options.staging, reading));
    return sides;
}

fidelity::Side side_of(const Environment& environment) {
    const Bytes* version = environment.fact("minor version");
    return {environment.schema.database, version == nullptr ? Bytes("not known") : *version,
            catalog::fingerprint(environment.schema), environment.taken};
}

Result<void> add_capture(const FidelityOptions& options, const Environment& staging, Certificate& certificate,
                         fidelity::ComparisonSettings& settings) {
    if (options.capture.empty()) return {};
    UNDERSTUDY_TRY(const CaptureSummary summary, summarise_capture(options.capture, options.keys));
    certificate.capture = summary.quality;
    settings.recorded_roles = summary.users;
    std::optional<Measured> measured;
    if (!options.answers.empty()) {
        UNDERSTUDY_TRY(measured, measure_answers(options.capture, options.answers, options.keys));
        if (measured->results_known) {
            certificate.reproduced = reproduced_of(*measured);
        } else {
            certificate.not_measured =
                "the capture comes from a log, which does not tell results: nothing can be said to be the same";
        }
    } else {
        certificate.not_measured = "give with --answers what a replay of the capture on the unchanged staging wrote";
    }
    if (options.migration.empty()) return {};
    std::vector<Bytes> statements;
    for (const std::string& path : options.migration) {
        UNDERSTUDY_TRY(const std::string text, read_sql_file(path));
        for (auto& statement : schema::hazard::script_of(path, text)) statements.push_back(std::move(statement.text));
    }
    UNDERSTUDY_TRY(const auto recorded, statements_of_capture(options.capture, options.keys));
    auto covered = cover_migration(statements, staging.schema, recorded,
                                   certificate.reproduced ? &measured->reproduction : nullptr);
    certificate.migration_given = true;
    certificate.migration = std::move(covered.places);
    certificate.migration_unknown = covered.unknown;
    return {};
}

Result<int> run_fidelity(FidelityOptions& options) {
    UNDERSTUDY_CHECK(complete(options));
    UNDERSTUDY_CHECK(options.keys.load());
    std::optional<Certificate> earlier;
    if (!options.earlier.empty()) {
        UNDERSTUDY_TRY(earlier, read_certificate_file(options.earlier));
    }
    UNDERSTUDY_TRY(const Sides sides, load_sides(options));
    Certificate certificate;
    certificate.taken = std::max(sides.production.taken, sides.staging.taken);
    certificate.production = side_of(sides.production);
    certificate.staging = side_of(sides.staging);
    fidelity::ComparisonSettings settings;
    UNDERSTUDY_CHECK(add_capture(options, sides.staging, certificate, settings));
    certificate.comparison = fidelity::compare(sides.production, sides.staging, settings);
    if (options.probe) {
        UNDERSTUDY_TRY(certificate.probe, probe_storage(options.staging));
    }
    if (earlier) certificate.drift = fidelity::drift_since(*earlier, certificate);
    if (!options.json.empty()) UNDERSTUDY_CHECK(write_private_file(options.json, fidelity::to_json(certificate)));
    if (!options.html.empty()) UNDERSTUDY_CHECK(write_private_file(options.html, fidelity_page(certificate)));
    fmt::print("{}", fidelity::to_text(certificate));
    if (std::fflush(stdout) != 0) return make_error(Errc::io, "cannot write the certificate to standard output");
    if (!certificate.holds()) return kInconclusive;
    const bool enough =
        options.min_reproduction == 0 ||
        (certificate.reproduced && 100 * certificate.reproduced->calls.value() >= options.min_reproduction);
    if (!enough) {
        fmt::print(stderr, "understudy: staging reproduces less than --min-reproduction {:g} asks for\n",
                   options.min_reproduction);
    }
    return enough ? kPassed : kInconclusive;
}

void add_fidelity_options(CLI::App& command, FidelityOptions& options) {
    command.add_option("--production", options.production,
                       "Connection string or URL of production (it is only read), or a file of fidelity snapshot");
    command.add_option("--staging", options.staging, "The same of staging");
    command.add_option("--capture", options.capture,
                       "Capture file or directory: its quality, its roles, and what is measured with --answers");
    command.add_option("--answers", options.answers,
                       "What understudy replay wrote when it played the capture on staging with nothing changed");
    command.add_option("--migration", options.migration,
                       "SQL files: which tables and columns they touch, and what of those is recorded and reproduced");
    command
        .add_option("--min-reproduction", options.min_reproduction,
                    "Per cent of the recorded calls that must be reproduced; less gives exit code 3")
        ->check(CLI::Range(0.0, 100.0));
    command.add_option("--certificate", options.earlier, "The last certificate (--json): drift since then is shown");
    command.add_option("--json", options.json, "Write the certificate there, as JSON (docs/staging.md)");
    command.add_option("--html", options.html, "… as one HTML page");
    command
        .add_option("--statement-timeout", options.statement_timeout,
                    "How long one question may take on either server; a schema of very many tables may need more")
        ->capture_default_str();
    command.add_flag(
        "--probe-storage", options.probe,
        "Measure staging's storage: some commits, a temporary table of 16 MiB. Only where it is marked as a "
        "target");
    add_key_option(command, options.keys);
}

}  // namespace

void add_fidelity_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<FidelityOptions>();
    CLI::App* command = app.add_subcommand("fidelity", "Say whether staging can stand for production, and how far");
    add_fidelity_options(*command, *options);
    add_fidelity_snapshot_command(*command, exit_code);
    command->footer(
        "Both servers are asked in read-only transactions (lock_timeout 100 ms, statement_timeout 2 s). No value of a "
        "user's row\nleaves them: statistics are compared as frequencies and positions.\n"
        "Examples:\n"
        "  understudy fidelity --production 'host=prod dbname=shop' --staging 'host=staging dbname=shop' --html "
        "fidelity.html\n"
        "  understudy fidelity snapshot 'host=prod dbname=shop' -o prod.fidelity   # where production can be reached\n"
        "  understudy fidelity --production prod.fidelity --staging 'host=staging dbname=shop' \\\n"
        "      --capture prod.pgcap --answers control.pgcap --json today.json --certificate yesterday.json\n"
        "Exit codes: 0 no gate differs, 2 wrong usage, 3 a gate differs (verdicts on this staging mislead) or too "
        "little is\n"
        "reproduced, 4 a server or a file cannot be reached or read.");
    command->callback([options, command, &exit_code] {
        if (!command->get_subcommands().empty()) return;  // the subcommand speaks for itself
        const Result<int> result = run_fidelity(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
