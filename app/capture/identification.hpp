#pragma once

#include <memory>
#include <string>

#include "capture/pipeline.hpp"
#include "core/catalog/catalog.hpp"
#include "core/catalog/server_identity.hpp"
#include "core/catalog/server_sessions.hpp"

namespace understudy::app {

/// What the server that is captured says of itself (--identify), asked once over control connections.
struct Identification {
    catalog::ServerIdentity identity;
    std::shared_ptr<const catalog::Catalog> catalog;
    catalog::ServerSessions sessions;

    void describe(CaptureHeader& header) const;
    void enter_catalog(EventSink& sink, Timestamp now) const;
    /// Records the catalogue, and tells the pipeline who the sessions are that were open before.
    void enter(capture::CapturePipeline& pipeline, EventSink& sink, Timestamp now) const;
};

Result<Identification> identify_server(const std::string& conninfo);

}  // namespace understudy::app
