#include "app/fidelity/snapshot_command.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "app/command.hpp"
#include "app/compare/report_files.hpp"
#include "app/fidelity/environment_source.hpp"
#include "app/options.hpp"
#include "schema/fidelity/environment_codec.hpp"

namespace understudy::app {
namespace {

struct EnvironmentFileOptions {
    std::string conninfo;
    std::string output;
    std::string key;
    std::string statement_timeout = "2s";
};

Result<int> run_environment_snapshot(const EnvironmentFileOptions& options) {
    EnvironmentReading reading;
    UNDERSTUDY_TRY(reading.limits.statement_timeout, parse_duration(options.statement_timeout));
    if (!options.key.empty()) {
        std::error_code ignored;
        if (!std::filesystem::exists(options.key, ignored)) UNDERSTUDY_CHECK(DigestKey::generate().save(options.key));
        UNDERSTUDY_TRY(const DigestKey key, DigestKey::load(options.key));
        reading.key = key;
    }
    if (is_environment_file(options.conninfo)) {
        return make_error(Errc::usage, options.conninfo + " is a file: give the connection string of the database");
    }
    UNDERSTUDY_TRY(const auto environment, load_environment(options.conninfo, reading));
    UNDERSTUDY_CHECK(write_private_file(options.output, schema::fidelity::to_json(environment)));
    fmt::print(
        "{}: database \"{}\": {} objects of its schema, {} settings, {} roles, {} tables, statistics of {} columns{}\n",
        options.output, environment.schema.database, environment.schema.objects.size(), environment.settings.size(),
        environment.roles.size(), environment.tables.size(), environment.columns.size(),
        environment.keyed ? ", with keyed digests" : "");
    const std::size_t unread = environment.unread.size() + environment.schema.unread.size();
    if (unread == 0) return kPassed;
    fmt::print(stderr, "understudy: {} things could not be read, or not wholly:\n", unread);
    for (const auto* parts : {&environment.unread, &environment.schema.unread}) {
        for (const catalog::UnreadPart& part : *parts) fmt::print(stderr, "  {}: {}\n", part.what, part.why);
    }
    return kPassed;
}

}  // namespace

void add_fidelity_snapshot_command(CLI::App& fidelity, int& exit_code) {
    auto options = std::make_shared<EnvironmentFileOptions>();
    CLI::App* command = fidelity.add_subcommand(
        "snapshot", "Write what is compared of a server to a file, where the other one cannot be reached from");
    command->add_option("conninfo", options->conninfo, "Connection string or URL of the database")->required();
    command->add_option("-o,--output", options->output, "File to write, mode 0600; an existing one is replaced")
        ->required();
    command->add_option(
        "--key", options->key,
        "Digest key, such as a capture's; made if it is not there. With it the file has keyed digests of the "
        "most common values, so that it can be told whether the same ones are common. Keep it apart from "
        "the file");
    command->add_option("--statement-timeout", options->statement_timeout, "How long one question may take")
        ->capture_default_str();
    command->footer(
        "The file holds the schema with the texts of functions and views, settings, names of roles, sizes, and "
        "statistics as\nfrequencies and relative positions: no value of a user's row. docs/staging.md lists all of "
        "it.\n"
        "Example:\n"
        "  understudy fidelity snapshot 'host=prod dbname=shop user=monitor' -o prod.fidelity");
    command->callback([options, &exit_code] {
        const Result<int> result = run_environment_snapshot(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
