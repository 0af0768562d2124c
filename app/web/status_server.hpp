#pragma once

#include <memory>
#include <string>

#include "core/base/error.hpp"
#include "replay/replay_stats.hpp"

namespace understudy::app {

/// What an HTTP request to the status server gets. Pure.
struct StatusAnswer {
    int status = 200;
    std::string content_type;
    std::string body;
};
/// /metrics (Prometheus' text format 0.0.4), /status (JSON), /healthz. Anything else is 404; other methods than GET and
/// HEAD are 405. Holds no user data.
StatusAnswer answer_status(const std::string& method, const std::string& path, const replay::ReplayStats& stats,
                           const std::string& capture, Timestamp start, Timestamp now);

/// Serves the progress of a replay over HTTP on a thread of its own (Boost.Beast).
class StatusServer {
public:
    static constexpr std::size_t kMaxConnections = 64;

    /// `address`: "127.0.0.1:9187", "[::1]:9187", ":9187" (loopback), or empty for no server. Errors: Errc::usage,
    /// Errc::io.
    static Result<std::unique_ptr<StatusServer>> start(const std::string& address, const replay::ReplayStats& stats,
                                                       const std::string& capture);
    ~StatusServer();
    StatusServer(const StatusServer&) = delete;
    StatusServer& operator=(const StatusServer&) = delete;
    /// The port that is listened on; 0 without a server.
    [[nodiscard]] unsigned short port() const;

private:
    struct Running;
    explicit StatusServer(std::unique_ptr<Running> running);
    std::unique_ptr<Running> running_;
};

}  // namespace understudy::app
