#pragma once

#include <memory>
#include <string>

#include "app/web/service.hpp"
#include "core/base/error.hpp"

namespace understudy::app {

/// Serves HTTP, or HTTPS where the configuration names a certificate, and WebSockets (Boost.Beast), within the limits
/// of app/service/limits.hpp. One thread for all connections; answers are made on two others, so that a long one keeps
/// nobody waiting.
class WebServer {
public:
    /// Listens; nothing is accepted before run(). Errors: Errc::usage for an address or certificate that is none,
    /// Errc::io.
    static Result<std::unique_ptr<WebServer>> open(const service::ServeConfig& config,
                                                   service::ServiceCounters& counters);
    ~WebServer();
    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;

    /// Accepts and answers until stop() is called. From one thread.
    void run(Service& service);
    /// From any thread.
    void stop();
    /// Sends a message to all viewers; from any thread.
    void tell_viewers(const std::string& message);
    [[nodiscard]] unsigned short port() const;

private:
    struct Running;
    explicit WebServer(std::unique_ptr<Running> running);
    std::unique_ptr<Running> running_;
};

}  // namespace understudy::app
