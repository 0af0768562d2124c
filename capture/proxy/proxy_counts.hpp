#pragma once

#include <atomic>
#include <cstdint>

namespace understudy::capture {

/// What the threads of a proxy count together.
struct ProxyCounts {
    using Count = std::atomic<std::uint64_t>;
    Count connections_open{0};
    Count connections_total{0};
    Count connections_rejected{0};  ///< did not begin as PostgreSQL does, or took too long to
    Count accept_failures{0};       ///< no file descriptor for another connection
    Count upstream_failures{0};     ///< the server could not be reached, or not with the TLS that is asked for
    Count tls_failures{0};          ///< handshakes with clients that failed
    Count bytes_to_server{0};
    Count bytes_to_client{0};
    Count binding_removed{0};    ///< log-ins from whose mechanisms SCRAM-SHA-256-PLUS was taken
    Count binding_avoided{0};    ///< connections to the server made without TLS for that, as `prefer` allows
    Count binding_conflicts{0};  ///< log-ins that a server with TLS will refuse for that
    Count queue_bytes{0};        ///< not recorded, because the queue was full
    Count queue_gaps{0};         ///< so many pieces of streams without a hole between
    Count queue_sessions{0};  ///< whole connections not recorded for the same reason, with their bytes in queue_bytes
    Count sink_failed_bytes{0};  ///< not recorded, because the sink had failed
    Count sink_failures{0};      ///< exceptions of the sink

    static void add(Count& count, std::uint64_t by = 1) { count.fetch_add(by, std::memory_order_relaxed); }
};

}  // namespace understudy::capture
