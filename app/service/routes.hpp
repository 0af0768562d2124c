#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/service/role.hpp"
#include "core/base/error.hpp"

namespace understudy::app::service {

/// What a request asks for.
enum class Action : std::uint8_t {
    page,
    style,
    script,  // the web application
    health,
    ready,
    metrics,
    openapi,
    who_am_i,
    live,
    list_rehearsals,
    start_rehearsal,
    stop_rehearsal,
    list_runs,
    show_run,
    run_findings,
    run_report,
    run_page,
    trend_of_rehearsal,
    trend_of_fingerprint,
    list_schedules,
    set_schedule,
    remove_schedule,
    accept_finding,
    audit_log,
};

/// One line of the table of all that there is.
struct RouteRule {
    std::string_view method;
    std::string_view pattern;  ///< "/api/v1/runs/{run}": braces stand for one segment
    Action action;
    Role needs;
};
std::span<const RouteRule> route_table();

/// A request that leads somewhere.
struct Route {
    Action action = Action::page;
    Role needs = Role::none;
    std::vector<std::string> arguments;        ///< for the pattern's braces, decoded
    std::map<std::string, std::string> query;  ///< decoded
};

/// Why it does not, as HTTP says it (RFC 9110 section 15.5).
struct RouteRefusal {
    int status = 404;
    std::string message;
    std::string allow;  ///< of 405: the methods that there are
};

using Routed = boost::system::result<Route, RouteRefusal>;

/// `target` as in the request line, origin form (RFC 9112 section 3.2.1). HEAD leads where GET does. Limits:
/// kMaxTarget, kMaxPathSegments, kMaxQueryParameters. Refuses what is not decodable, control characters, and the
/// segments . and ..
Routed find_route(std::string_view method, std::string_view target);

[[noreturn]] void throw_exception_from_error(const RouteRefusal& refusal, const boost::source_location&);

}  // namespace understudy::app::service
