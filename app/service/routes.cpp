#include "app/service/routes.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "app/service/limits.hpp"

namespace understudy::app::service {
namespace {

constexpr std::array kRoutes = {
    RouteRule{"GET", "/", Action::page, Role::none},
    RouteRule{"GET", "/live", Action::page, Role::none},
    RouteRule{"GET", "/trends", Action::page, Role::none},
    RouteRule{"GET", "/schedules", Action::page, Role::none},
    RouteRule{"GET", "/runs/{run}", Action::page, Role::none},
    RouteRule{"GET", "/app.css", Action::style, Role::none},
    RouteRule{"GET", "/app.js", Action::script, Role::none},
    RouteRule{"GET", "/healthz", Action::health, Role::none},
    RouteRule{"GET", "/readyz", Action::ready, Role::none},
    RouteRule{"GET", "/metrics", Action::metrics, Role::view},
    RouteRule{"GET", "/api/v1/openapi.json", Action::openapi, Role::none},
    RouteRule{"GET", "/api/v1/whoami", Action::who_am_i, Role::view},
    RouteRule{"GET", "/api/v1/live", Action::live, Role::none},  // the token comes as its first message
    RouteRule{"GET", "/api/v1/rehearsals", Action::list_rehearsals, Role::view},
    RouteRule{"POST", "/api/v1/rehearsals/{rehearsal}/start", Action::start_rehearsal, Role::run},
    RouteRule{"POST", "/api/v1/rehearsals/{rehearsal}/stop", Action::stop_rehearsal, Role::run},
    RouteRule{"GET", "/api/v1/rehearsals/{rehearsal}/trend", Action::trend_of_rehearsal, Role::view},
    RouteRule{"GET", "/api/v1/runs", Action::list_runs, Role::view},
    RouteRule{"GET", "/api/v1/runs/{run}", Action::show_run, Role::view},
    RouteRule{"GET", "/api/v1/runs/{run}/findings", Action::run_findings, Role::view},
    RouteRule{"GET", "/api/v1/runs/{run}/report", Action::run_report, Role::view},
    RouteRule{"GET", "/api/v1/runs/{run}/report.html", Action::run_page, Role::view},
    RouteRule{"GET", "/api/v1/trends/{fingerprint}", Action::trend_of_fingerprint, Role::view},
    RouteRule{"GET", "/api/v1/schedules", Action::list_schedules, Role::view},
    RouteRule{"PUT", "/api/v1/schedules/{rehearsal}", Action::set_schedule, Role::admin},
    RouteRule{"DELETE", "/api/v1/schedules/{rehearsal}", Action::remove_schedule, Role::admin},
    RouteRule{"POST", "/api/v1/rules", Action::accept_finding, Role::admin},
    RouteRule{"GET", "/api/v1/audit", Action::audit_log, Role::admin},
};

constexpr int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Percent-decoding (RFC 3986 section 2.1); nothing for a broken escape or a control character. A + is a space in a
/// query.
std::optional<std::string> decoded(std::string_view text, bool in_query) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = digit_of(text[i + 1]);
            const int low = digit_of(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && in_query) {
            c = ' ';
        }
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) return std::nullopt;
        out += c;
    }
    return out;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

/// The decoded segments of an absolute path, or nothing.
std::optional<std::vector<std::string>> segments_of(std::string_view path) {
    if (path.empty() || path.front() != '/') return std::nullopt;
    const auto parts = split(path.substr(1), '/');
    if (parts.size() > kMaxPathSegments) return std::nullopt;
    std::vector<std::string> segments;
    for (const std::string_view part : parts) {
        auto segment = decoded(part, false);
        if (!segment || *segment == "." || *segment == ".." || segment->find('/') != std::string::npos)
            return std::nullopt;
        segments.push_back(std::move(*segment));
    }
    return segments;
}

std::optional<std::map<std::string, std::string>> parameters_of(std::string_view query) {
    std::map<std::string, std::string> parameters;
    if (query.empty()) return parameters;
    const auto parts = split(query, '&');
    if (parts.size() > kMaxQueryParameters) return std::nullopt;
    for (const std::string_view part : parts) {
        const std::size_t equals = part.find('=');
        const auto name = decoded(part.substr(0, equals), true);
        const auto value = equals == std::string_view::npos ? std::string() : decoded(part.substr(equals + 1), true);
        if (!name || !value || !parameters.emplace(*name, *value).second) return std::nullopt;
    }
    return parameters;
}

/// What stands for the braces, or nothing where the path is another one.
std::optional<std::vector<std::string>> matched(std::string_view pattern, const std::vector<std::string>& segments) {
    const auto parts = split(pattern.substr(1), '/');
    if (parts.size() != segments.size()) return std::nullopt;
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].starts_with('{')) {
            if (segments[i].empty()) return std::nullopt;
            arguments.push_back(segments[i]);
        } else if (parts[i] != segments[i]) {
            return std::nullopt;
        }
    }
    return arguments;
}

}  // namespace

std::span<const RouteRule> route_table() { return kRoutes; }

void throw_exception_from_error(const RouteRefusal& refusal, const boost::source_location&) {
    throw std::runtime_error(refusal.message);
}

Routed find_route(std::string_view method, std::string_view target) {
    if (target.size() > kMaxTarget) return RouteRefusal{414, "the address is too long", {}};
    const std::size_t question = target.find('?');
    const auto segments = segments_of(target.substr(0, question));
    const auto query = question == std::string_view::npos ? std::map<std::string, std::string>()
                                                          : parameters_of(target.substr(question + 1));
    if (!segments || !query) return RouteRefusal{400, "the address is not well formed", {}};
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    std::string allow;
    for (const RouteRule& rule : kRoutes) {
        auto arguments = matched(rule.pattern, *segments);
        if (!arguments) continue;
        if (rule.method == wanted) return Route{rule.action, rule.needs, std::move(*arguments), *query};
        allow += (allow.empty() ? "" : ", ") + std::string(rule.method) + (rule.method == "GET" ? ", HEAD" : "");
    }
    if (!allow.empty()) return RouteRefusal{405, "this address does not take that method", allow};
    return RouteRefusal{404, "there is nothing at this address", {}};
}

}  // namespace understudy::app::service
