#include "app/capture/identification.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <cstdio>

#include "core/catalog/catalog_codec.hpp"
#include "core/catalog/read_catalog.hpp"

namespace understudy::app {
namespace {

std::optional<capture::Endpoint> endpoint_of(const catalog::ServerSession& session) {
    capture::Endpoint endpoint;
    endpoint.port = session.client_port;
    endpoint.v6 = session.client_address.find(':') != std::string::npos;
    const int family = endpoint.v6 ? AF_INET6 : AF_INET;
    if (inet_pton(family, session.client_address.c_str(), endpoint.address.data()) != 1) return std::nullopt;
    return endpoint;
}

}  // namespace

Result<Identification> identify_server(const std::string& conninfo) {
    Identification identified;
    UNDERSTUDY_TRY(identified.identity, catalog::read_identity(conninfo));
    UNDERSTUDY_TRY(identified.sessions, catalog::read_sessions(conninfo));
    UNDERSTUDY_TRY(catalog::Catalog catalog, catalog::read_catalog(conninfo));
    identified.catalog = std::make_shared<const catalog::Catalog>(std::move(catalog));
    return identified;
}

void Identification::describe(CaptureHeader& header) const {
    header.server_version = identity.version;
    header.system_identifier = identity.system_identifier;
    header.wal_position = identity.wal_position;
}

void Identification::enter_catalog(EventSink& sink, Timestamp now) const {
    sink.on_event(CatalogRecord{now, identity.database, catalog::encode(*catalog)});
}

void Identification::enter(capture::CapturePipeline& pipeline, EventSink& sink, Timestamp now) const {
    enter_catalog(sink, now);
    for (const catalog::ServerSession& session : sessions.sessions) {
        const auto client = endpoint_of(session);
        if (!client) continue;
        SessionIdentity known;
        known.user = session.user;
        known.database = session.database;
        known.application = session.application;
        known.process_id = session.process_id;
        pipeline.identify(*client, known);
    }
    if (sessions.hidden > 0) {
        fmt::print(stderr,
                   "understudy: {} open sessions of other users cannot be identified: grant pg_read_all_stats to the "
                   "role of --identify\n",
                   sessions.hidden);
    }
}

}  // namespace understudy::app
