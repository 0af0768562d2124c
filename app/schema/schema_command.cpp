#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "app/command.hpp"
#include "app/compare/report_files.hpp"
#include "app/schema/diff_command.hpp"
#include "app/schema/snapshot_source.hpp"
#include "core/catalog/snapshot/read_snapshot.hpp"
#include "core/catalog/snapshot/snapshot_codec.hpp"
#include "core/catalog/snapshot/snapshot_fingerprint.hpp"

namespace understudy::app {
namespace {

struct SnapshotOptions {
    std::string conninfo;
    std::string output;
};

/// A connection string is not repeated: it may hold a password.
std::string shown(const catalog::Snapshot& snapshot) { return fmt::format("database \"{}\"", snapshot.database); }

Result<int> run_snapshot(const SnapshotOptions& options) {
    UNDERSTUDY_TRY(const auto snapshot, catalog::read_snapshot(options.conninfo));
    warn_of_unread(snapshot, shown(snapshot));
    const std::string text = catalog::to_json(snapshot);
    if (options.output.empty()) {
        fmt::print("{}", text);
        if (std::fflush(stdout) != 0) return make_error(Errc::io, "cannot write the snapshot to standard output");
        return kPassed;
    }
    UNDERSTUDY_CHECK(write_private_file(options.output, text));
    fmt::print("{}: schema of {}, {} objects, fingerprint {}\n", options.output, shown(snapshot),
               snapshot.objects.size(), catalog::fingerprint(snapshot));
    return kPassed;
}

Result<int> run_fingerprint(const std::string& source) {
    UNDERSTUDY_TRY(const auto snapshot, load_snapshot(source));
    warn_of_unread(snapshot, shown(snapshot));
    fmt::print("{}\n", catalog::fingerprint(snapshot));
    return kPassed;
}

void add_snapshot(CLI::App& schema, int& exit_code) {
    auto options = std::make_shared<SnapshotOptions>();
    CLI::App* command = schema.add_subcommand("snapshot", "Write what a database's schema is to a file");
    command->add_option("conninfo,--target", options->conninfo, "Connection string or URL of the database")->required();
    command->add_option("-o,--output", options->output,
                        "File to write, mode 0600; an existing one is replaced (default: standard output)");
    command->footer(
        "One read-only transaction (lock_timeout 100 ms, statement_timeout 30 s); it may be production. The file holds "
        "no\nrows, passwords or options of user mappings, but the texts of functions, views and comments.\n"
        "Examples:\n"
        "  understudy schema snapshot 'host=prod dbname=shop' -o shop.schema.json\n"
        "  understudy schema snapshot postgresql://prod/shop | jq '.objects[] | select(.kind == \"policy\")'");
    command->callback([options, &exit_code] {
        const Result<int> result = run_snapshot(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

void add_fingerprint(CLI::App& schema, int& exit_code) {
    auto source = std::make_shared<std::string>();
    CLI::App* command =
        schema.add_subcommand("fingerprint", "Print 64 hexadecimal digits that are the same for the same schema");
    command->add_option("source", *source, "Connection string or URL of a database, or a file of schema snapshot")
        ->required();
    command->footer(
        "Databases have the same fingerprint if and only if their schemas are the same, also when one was made from "
        "the\n"
        "other's dump. Names, settings, owners and privileges count; rows, statistics and the database's name do not.\n"
        "Examples:\n"
        "  understudy schema fingerprint 'host=staging dbname=shop'\n"
        "  understudy schema fingerprint shop.schema.json");
    command->callback([source, &exit_code] {
        const Result<int> result = run_fingerprint(*source);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace

void add_schema_command(CLI::App& app, int& exit_code) {
    CLI::App* command =
        app.add_subcommand("schema", "What a schema is, what changed in it, and which recorded queries that touches");
    command->require_subcommand(1);
    add_snapshot(*command, exit_code);
    add_schema_diff_command(*command, exit_code);
    add_fingerprint(*command, exit_code);
}

}  // namespace understudy::app
