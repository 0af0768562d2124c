#include "app/web/service.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/compare/rules_file.hpp"
#include "app/service/limits.hpp"
#include "app/web/service_assets.hpp"
#include "app/web/wall_clock.hpp"

namespace understudy::app {

using service::Action;
using service::problem;
using service::Role;
using service::Route;
using service::Token;
using service::WebAnswer;
using service::WebRequest;

namespace {

constexpr double kVisitsASecond = 50;
constexpr double kVisitsAtOnce = 400;
constexpr double kRefusalsASecond = 1;
constexpr double kRefusalsAtOnce = 50;
constexpr Duration kBetweenLooks = Duration::milliseconds(500);

bool changes_something(const WebRequest& request) { return request.method != "GET" && request.method != "HEAD"; }

}  // namespace

std::string tokens_path(const service::ServeConfig& config) { return config.state + "/tokens"; }
std::string audit_path(const service::ServeConfig& config) { return config.state + "/audit.log"; }

Service::Service(const service::ServeConfig& config, RunKeeper& keeper, service::ServiceCounters& counters)
    : config_(config),
      keeper_(keeper),
      counters_(counters),
      audit_(audit_path(config)),
      visits_(kVisitsASecond, kVisitsAtOnce),
      refusals_(kRefusalsASecond, kRefusalsAtOnce) {}

/// Tokens are read again when their file has changed: one that is removed is refused within half a second.
std::optional<Token> Service::owner_of(std::string_view token) {
    const std::lock_guard lock(mutex_);
    const Timestamp now = wall_now();
    if (now - tokens_looked_ >= kBetweenLooks || now < tokens_looked_) {
        tokens_looked_ = now;
        std::error_code error;
        const std::string path = tokens_path(config_);
        const auto size = std::filesystem::file_size(path, error);
        const std::string seen =
            error
                ? "none"
                : fmt::format("{} {}", size, std::filesystem::last_write_time(path, error).time_since_epoch().count());
        if (seen != tokens_seen_) {
            const auto text = read_text_file(path);
            auto tokens = text ? service::parse_tokens(*text) : Result<std::vector<Token>>(std::vector<Token>());
            if (!tokens) fmt::print(stderr, "understudy: {}: {}: nobody is let in\n", path, tokens.error().message);
            tokens_ = tokens ? std::move(*tokens) : std::vector<Token>();
            tokens_seen_ = seen;
        }
    }
    const Token* owner = service::owner_of_token(tokens_, token);
    return owner == nullptr ? std::nullopt : std::optional(*owner);
}

bool Service::too_many(const std::string& who) {
    const std::lock_guard lock(mutex_);
    if (visits_.allow(who, wall_now())) return false;
    ++counters_.rate_limited;
    return true;
}

Result<void> Service::note(const WebRequest& request, const Token* token, int status, const std::string& detail) {
    const std::size_t question = request.target.find('?');
    AuditEntry entry{token != nullptr ? token->name : std::string(),
                     std::string(to_string(token != nullptr ? token->role : Role::none)),
                     request.peer,
                     request.method + " " + request.target.substr(0, std::min<std::size_t>(question, 256)),
                     status,
                     detail};
    const std::lock_guard lock(mutex_);
    auto written = audit_.append(entry, wall_now());
    if (!written) {
        ++counters_.audit_failures;
        fmt::print(stderr, "understudy: {}\n", written.error().message);
    }
    return written;
}

WebAnswer Service::refused(const WebRequest& request, const Token* token, int status, const std::string& why) {
    ++(status == 401 ? counters_.unauthorised : counters_.forbidden);
    bool write = false;
    {
        const std::lock_guard lock(mutex_);
        write = refusals_.allow("refusals", wall_now());
    }
    if (write) {
        static_cast<void>(note(request, token, status, why));
    } else {
        ++counters_.audit_suppressed;
    }
    return problem(status, why);
}

WebAnswer Service::answer(const WebRequest& request) {
    const Timestamp begin = system_clock().now();
    WebAnswer answer;
    try {
        answer = routed(request);
    } catch (const std::exception& error) {
        fmt::print(stderr, "understudy: {} {}: {}\n", request.method, request.target.substr(0, 200), error.what());
        answer = problem(500, "something went wrong; the service's own log has it");
    }
    counters_.record_time(system_clock().now() - begin);
    ++counters_.answers.at(static_cast<std::size_t>(answer.status / 100));
    return answer;
}

WebAnswer Service::routed(const WebRequest& request) {
    const auto route = service::find_route(request.method, request.target);
    if (!route) {
        if (too_many("peer " + request.peer)) return problem(429, "too many requests");
        WebAnswer answer = problem(route.error().status, route.error().message);
        if (!route.error().allow.empty()) answer.headers.emplace_back("Allow", route.error().allow);
        return answer;
    }
    const bool open = route->needs == Role::none || (route->action == Action::metrics && config_.open_metrics);
    if (open) return too_many("peer " + request.peer) ? problem(429, "too many requests") : open_answer(*route);
    const std::string_view bearer = service::bearer_of(request.authorization);
    const auto token = bearer.empty() ? std::nullopt : owner_of(bearer);
    if (!token) {
        if (too_many("peer " + request.peer)) return problem(429, "too many requests");
        return refused(request, nullptr, 401,
                       bearer.empty() ? "a token is needed: Authorization: Bearer …" : "this token is nobody's");
    }
    if (too_many("token " + token->name)) return problem(429, "too many requests");
    return admitted(request, *route, *token);
}

WebAnswer Service::admitted(const WebRequest& request, const Route& route, const Token& token) {
    if (!service::allows(token.role, route.needs)) {
        return refused(
            request, &token, 403,
            fmt::format("this needs the role {}; this token has {}", to_string(route.needs), to_string(token.role)));
    }
    if (!changes_something(request)) return act(request, route, token);
    // The token is never sent by a browser on its own, so a foreign page could do nothing; it is refused all the same.
    if (!origin_allowed(request)) return refused(request, &token, 403, "pages of this origin may not ask");
    if (!request.body.empty() && !request.content_type.starts_with("application/json"))
        return problem(415, "application/json is wanted");
    if (!note(request, &token, 0, "asked")) return problem(503, "the audit log cannot be written, so nothing is done");
    WebAnswer answer = change(request, route, token);
    static_cast<void>(note(request, &token, answer.status, "done"));
    return answer;
}

WebAnswer Service::open_answer(const Route& route) {
    switch (route.action) {
        case Action::health: return {200, "text/plain", "ok\n", {}};
        case Action::ready:
            return keeper_.ready()
                       ? WebAnswer{200, "text/plain", "ready\n", {}}
                       : WebAnswer{503,
                                   "text/plain",
                                   "not ready: runs of an earlier service are being ended, or this one ends\n",
                                   {}};
        case Action::metrics: return metrics();
        case Action::openapi: return {200, "application/json", kOpenApi, {}};
        case Action::style: return {200, "text/css; charset=utf-8", kAppStyle, {}};
        case Action::script: return {200, "text/javascript; charset=utf-8", kAppScript, {}};
        case Action::live: return problem(426, "this is a WebSocket; its first message is {\"token\": \"…\"}");
        default: return {200, "text/html; charset=utf-8", kAppPage, {}};
    }
}

std::optional<Token> Service::viewer(const WebRequest& request, const std::string& first_message) {
    const auto json = nlohmann::json::parse(first_message, nullptr, false);
    const bool holds = json.is_object() && json.contains("token") && json["token"].is_string();
    auto token = holds ? owner_of(json["token"].get<std::string>()) : std::nullopt;
    if (!token) {
        static_cast<void>(refused(request, nullptr, 401, "a viewer without a token that is known"));
        return std::nullopt;
    }
    if (too_many("token " + token->name)) return std::nullopt;
    return token;
}

bool Service::still_allowed(const Token& token) {
    static_cast<void>(owner_of(""));  // has the file read again where it has changed
    const std::lock_guard lock(mutex_);
    for (const Token& known : tokens_) {
        if (known == token) return true;
    }
    return false;
}

std::string Service::greeting() const {
    const nlohmann::json hello{{"type", "hello"}, {"runs", keeper_.live_view()}};
    return hello.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace understudy::app
