#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/service/rate_limiter.hpp"
#include "app/service/routes.hpp"
#include "app/service/serve_config.hpp"
#include "app/service/service_counters.hpp"
#include "app/service/tokens.hpp"
#include "app/service/web_message.hpp"
#include "app/web/audit_file.hpp"
#include "app/web/run_keeper.hpp"

namespace understudy::app {

/// What answers requests, whatever they came by. Safe from any thread.
class Service {
public:
    Service(const service::ServeConfig& config, RunKeeper& keeper, service::ServiceCounters& counters);

    service::WebAnswer answer(const service::WebRequest& request);

    /// A viewer's first message, {"token": "…"}: the name of who may follow, or nothing.
    std::optional<service::Token> viewer(const service::WebRequest& request, const std::string& first_message);
    /// Whether a viewer's token is still one.
    bool still_allowed(const service::Token& token);
    [[nodiscard]] bool origin_allowed(const service::WebRequest& request) const {
        return service::origin_allowed(request, config_.origins);
    }
    /// What a viewer is sent first: {"type": "hello", "runs": […]}.
    [[nodiscard]] std::string greeting() const;
    [[nodiscard]] service::ServiceCounters& counters() { return counters_; }

private:
    std::optional<service::Token> owner_of(std::string_view token);
    service::WebAnswer routed(const service::WebRequest& request);
    service::WebAnswer admitted(const service::WebRequest& request, const service::Route& route,
                                const service::Token& token);
    service::WebAnswer refused(const service::WebRequest& request, const service::Token* token, int status,
                               const std::string& why);
    service::WebAnswer act(const service::WebRequest& request, const service::Route& route,
                           const service::Token& token);
    service::WebAnswer change(const service::WebRequest& request, const service::Route& route,
                              const service::Token& token);
    service::WebAnswer open_answer(const service::Route& route);
    bool too_many(const std::string& who);
    Result<void> note(const service::WebRequest& request, const service::Token* token, int status,
                      const std::string& detail);

    service::WebAnswer list_rehearsals();
    service::WebAnswer list_runs(const service::Route& route);
    service::WebAnswer show_run(const service::Route& route);
    service::WebAnswer run_findings(const service::Route& route);
    service::WebAnswer run_file(const service::Route& route, const char* file, const char* content_type);
    service::WebAnswer trend_of_rehearsal(const service::Route& route);
    service::WebAnswer trend_of_fingerprint(const service::Route& route);
    service::WebAnswer list_schedules();
    service::WebAnswer accept_finding(const service::WebRequest& request);
    service::WebAnswer audit_log(const service::Route& route);
    service::WebAnswer metrics();

    const service::ServeConfig& config_;
    RunKeeper& keeper_;
    service::ServiceCounters& counters_;
    AuditFile audit_;
    std::mutex mutex_;  // of what follows
    std::vector<service::Token> tokens_;
    std::string tokens_seen_;  // size and time of the file
    Timestamp tokens_looked_;
    service::RateLimiter visits_;
    service::RateLimiter refusals_;  // that are written down
    std::mutex rules_mutex_;
};

/// Where the tokens of a service are.
std::string tokens_path(const service::ServeConfig& config);
std::string audit_path(const service::ServeConfig& config);

}  // namespace understudy::app
