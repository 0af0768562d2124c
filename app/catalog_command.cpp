#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "app/command.hpp"
#include "app/keys.hpp"
#include "core/catalog/catalog_codec.hpp"
#include "core/catalog/read_catalog.hpp"
#include "core/catalog/server_identity.hpp"
#include "core/store/capture_reader.hpp"
#include "core/store/capture_writer.hpp"

namespace understudy::app {
namespace {

struct CatalogOptions {
    std::string conninfo;
    std::string into;
    Keys keys;
};

/// Copies `path` with another header and the catalogue in front, then puts the copy in its place.
Result<void> rewrite(const std::string& path, const CatalogOptions& options, const catalog::ServerIdentity& identity,
                     const Bytes& content) {
    UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(path, options.keys.ring));
    CaptureHeader header = reader->header();
    if (header.system_identifier != 0 && identity.system_identifier != 0 &&
        header.system_identifier != identity.system_identifier) {
        return make_error(Errc::refused, fmt::format("{} was captured from the server {}, and this is the server {}",
                                                     path, header.system_identifier, identity.system_identifier));
    }
    header.server_version = identity.version;
    header.system_identifier = identity.system_identifier;
    if (header.wal_position.empty()) header.description += "; catalogue added later";
    UNDERSTUDY_TRY(const auto encrypt_to, same_encryption(*reader));
    const std::string written = path + ".partial";
    UNDERSTUDY_TRY(const auto file, store::CaptureFile::create(written, header, encrypt_to));
    store::EventWriter writer(*file);
    writer.on_event(CatalogRecord{header.created, identity.database, content});
    while (true) {
        UNDERSTUDY_TRY(std::optional<Event> event, reader->next());
        if (!event || writer.failure()) break;
        const auto* old = std::get_if<CatalogRecord>(&*event);
        if (old != nullptr && old->database == identity.database) continue;
        writer.on_event(std::move(*event));
    }
    writer.flush();
    Result<void> done = writer.failure() ? Result<void>(*writer.failure()) : file->finish();
    if (done && !reader->damage().none()) {
        done = make_error(Errc::refused, fmt::format("{} is damaged or still being written; it is left as it is "
                                                     "(understudy inspect --verify says more)",
                                                     path));
    }
    if (done && std::rename(written.c_str(), path.c_str()) != 0) {
        done = make_error(Errc::io, fmt::format("cannot replace {}: {}", path, std::strerror(errno)));
    }
    if (!done) std::remove(written.c_str());
    return done;
}

Result<int> run_catalog(CatalogOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(const auto files, store::capture_files(options.into));
    UNDERSTUDY_TRY(const auto identity, catalog::read_identity(options.conninfo));
    UNDERSTUDY_TRY(const catalog::Catalog catalog, catalog::read_catalog(options.conninfo));
    const Bytes content = catalog::encode(catalog);
    for (const std::string& file : files) {
        UNDERSTUDY_CHECK(rewrite(file, options, identity, content));
        fmt::print("{}: catalogue of {}, server {} ({})\n", file, identity.database, identity.system_identifier,
                   identity.version);
    }
    return kPassed;
}

}  // namespace

void add_catalog_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CatalogOptions>();
    CLI::App* command =
        app.add_subcommand("catalog", "Add a server's identity and catalogue to a capture that was made without");
    command->add_option("conninfo", options->conninfo, "Connection string or URL of the server that was captured")
        ->required();
    command
        ->add_option("--into", options->into,
                     "Capture file or directory; each file is replaced by one with the catalogue")
        ->required();
    add_key_option(*command, options->keys);
    command->footer(
        "Examples:\n"
        "  understudy catalog 'host=db1 dbname=shop' --into prod.pgcap\n"
        "One short read-only connection at a time, lock_timeout 100 ms, statement_timeout 2 s. The catalogue is that "
        "of\n"
        "now: run it before the schema changes.");
    command->callback([options, &exit_code] {
        const Result<int> result = run_catalog(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
