// What the service answers to those whom it has let in.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "app/service/limits.hpp"
#include "app/service/run_view.hpp"
#include "app/web/service.hpp"
#include "app/web/wall_clock.hpp"
#include "compare/report/time_text.hpp"
#include "compare/rules/read_rules.hpp"

namespace understudy::app {

using nlohmann::json;
using service::Action;
using service::problem;
using service::Route;
using service::RunRecord;
using service::Token;
using service::WebAnswer;
using service::WebRequest;

namespace {

constexpr std::size_t kMaxReason = 1000;

WebAnswer json_answer(int status, const json& body) {
    return {status, "application/json", body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n", {}};
}

/// A parameter from 0 to `most`; nothing where it is no such number.
std::optional<std::size_t> count_of(const Route& route, const char* name, std::size_t otherwise, std::size_t most) {
    const auto found = route.query.find(name);
    if (found == route.query.end()) return otherwise;
    std::size_t value = 0;
    const char* end = found->second.data() + found->second.size();
    const auto [rest, error] = std::from_chars(found->second.data(), end, value);
    return error == std::errc() && rest == end && value <= most ? std::optional(value) : std::nullopt;
}

std::string text_of(const Route& route, const char* name) {
    const auto found = route.query.find(name);
    return found == route.query.end() ? std::string() : found->second;
}

WebAnswer failed(const Error& error) {
    switch (error.code) {
        case Errc::usage: return problem(404, error.message);
        case Errc::refused: return problem(409, error.message);
        case Errc::malformed: return problem(422, error.message);
        case Errc::limit: return problem(413, error.message);
        default: return problem(503, error.message);
    }
}

std::string text_in(const json& body, const char* key) {
    return body.is_object() && body.contains(key) && body[key].is_string() ? body[key].get<std::string>()
                                                                           : std::string();
}

bool is_sentence(const std::string& text) {
    return !text.empty() && text.size() <= kMaxReason && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

const json* finding_with(const json& report, const std::string& id) {
    for (const char* list : {"findings", "unconfirmed_places"}) {
        if (!report.is_object() || !report.contains(list)) continue;
        for (const json& finding : report[list]) {
            if (text_in(finding, "id") == id) return &finding;
        }
    }
    return nullptr;
}

}  // namespace

WebAnswer Service::act(const WebRequest&, const Route& route, const Token& token) {
    switch (route.action) {
        case Action::who_am_i: return json_answer(200, {{"name", token.name}, {"role", to_string(token.role)}});
        case Action::list_rehearsals: return list_rehearsals();
        case Action::list_runs: return list_runs(route);
        case Action::show_run: return show_run(route);
        case Action::run_findings: return run_findings(route);
        case Action::run_report: return run_file(route, "report.json", "application/json");
        case Action::run_page: return run_file(route, "report.html", "text/html; charset=utf-8");
        case Action::trend_of_rehearsal: return trend_of_rehearsal(route);
        case Action::trend_of_fingerprint: return trend_of_fingerprint(route);
        case Action::list_schedules: return list_schedules();
        case Action::audit_log: return audit_log(route);
        case Action::metrics: return metrics();
        default: return problem(404, "there is nothing at this address");
    }
}

WebAnswer Service::change(const WebRequest& request, const Route& route, const Token& token) {
    if (route.action == Action::accept_finding) return accept_finding(request);
    const std::string& rehearsal = route.arguments.at(0);
    if (route.action == Action::start_rehearsal || route.action == Action::stop_rehearsal) {
        const bool starts = route.action == Action::start_rehearsal;
        const auto cause = service::parse_cause(starts ? request.body : std::string());
        if (!cause) return failed(cause.error());
        const auto run = starts ? keeper_.start(rehearsal, token.name, 0, *cause) : keeper_.stop(rehearsal, token.name);
        return run ? json_answer(202, service::run_view(*run)) : failed(run.error());
    }
    Result<void> done;
    if (route.action == Action::remove_schedule) {
        done = keeper_.remove_schedule(rehearsal);
    } else {
        done = keeper_.set_schedule(rehearsal, text_in(json::parse(request.body, nullptr, false), "cron"), token.name);
    }
    return done ? list_schedules() : failed(done.error());
}

WebAnswer Service::list_rehearsals() {
    const auto runs = keeper_.runs();
    json list = json::array();
    for (const auto& rehearsal : config_.rehearsals) {
        json entry{{"name", rehearsal.name},
                   {"title", rehearsal.title.empty() ? rehearsal.name : rehearsal.title},
                   {"running", nullptr},
                   {"last", nullptr}};
        for (const RunRecord& run : runs) {
            if (run.rehearsal != rehearsal.name) continue;
            if (!service::is_over(run.state)) {
                entry["running"] = run.id;
            } else {
                entry["last"] = service::run_view(run);
                break;
            }
        }
        list.push_back(std::move(entry));
    }
    return json_answer(200, {{"rehearsals", std::move(list)}});
}

WebAnswer Service::list_runs(const Route& route) {
    const auto limit = count_of(route, "limit", 50, service::kMaxPageLength);
    if (!limit) return problem(422, fmt::format("limit: 0 to {}", service::kMaxPageLength));
    const std::string rehearsal = text_of(route, "rehearsal");
    const std::string before = text_of(route, "before");
    json list = json::array();
    bool more = false;
    for (const RunRecord& run : keeper_.runs()) {
        if ((!rehearsal.empty() && run.rehearsal != rehearsal) || (!before.empty() && run.id >= before)) continue;
        more = list.size() == *limit;
        if (more) break;
        list.push_back(service::run_view(run));
    }
    return json_answer(200, {{"runs", std::move(list)}, {"more", more}});
}

WebAnswer Service::show_run(const Route& route) {
    const auto run = keeper_.find(route.arguments.at(0));
    return run ? json_answer(200, service::run_view(*run)) : problem(404, "there is no such run");
}

WebAnswer Service::run_findings(const Route& route) {
    const auto run = keeper_.find(route.arguments.at(0));
    const auto offset = count_of(route, "offset", 0, 10'000'000);
    const auto limit = count_of(route, "limit", 100, service::kMaxPageLength);
    if (!run) return problem(404, "there is no such run");
    if (!offset || !limit)
        return problem(422, fmt::format("offset and limit are numbers; limit is at most {}", service::kMaxPageLength));
    const auto text = keeper_.store().report(run->id);
    if (!text) return text.error().code == Errc::io ? problem(404, text.error().message) : failed(text.error());
    const json report = json::parse(*text, nullptr, false);
    const json findings = report.is_object() ? report.value("findings", json::array()) : json::array();
    json page = json::array();
    for (std::size_t i = *offset; i < findings.size() && page.size() < *limit; ++i) page.push_back(findings[i]);
    return json_answer(
        200, {{"run", run->id}, {"total", findings.size()}, {"offset", *offset}, {"findings", std::move(page)}});
}

WebAnswer Service::run_file(const Route& route, const char* file, const char* content_type) {
    const auto run = keeper_.find(route.arguments.at(0));
    if (!run) return problem(404, "there is no such run");
    auto text = keeper_.store().report(run->id, file);
    if (!text) return text.error().code == Errc::io ? problem(404, text.error().message) : failed(text.error());
    // Its own scripts are not this service's: it is saved, not shown here.
    return {200,
            content_type,
            std::move(*text),
            {{"Content-Disposition", fmt::format("attachment; filename=\"{}-{}\"", run->id, file)}}};
}

WebAnswer Service::trend_of_rehearsal(const Route& route) {
    const std::string& rehearsal = route.arguments.at(0);
    const auto limit = count_of(route, "limit", 100, service::kMaxPageLength);
    if (keeper_.configured(rehearsal) == nullptr) return problem(404, "no rehearsal of this name is configured");
    if (!limit) return problem(422, fmt::format("limit: 0 to {}", service::kMaxPageLength));
    json points = json::array();
    for (const RunRecord& run : keeper_.runs()) {
        if (run.rehearsal != rehearsal || !service::is_over(run.state)) continue;
        if (points.size() == *limit) break;
        points.push_back(service::run_view(run));
    }
    std::reverse(points.begin(), points.end());
    return json_answer(200, {{"rehearsal", rehearsal}, {"points", std::move(points)}});
}

WebAnswer Service::list_schedules() {
    const Timestamp now = wall_now();
    json list = json::array();
    for (const auto& schedule : keeper_.schedules()) {
        const auto cron = service::parse_cron(schedule.cron);
        const auto due = cron ? service::next_due(*cron, now, local_offset) : std::nullopt;
        list.push_back({{"rehearsal", schedule.rehearsal},
                        {"cron", schedule.cron},
                        {"set_by", schedule.set_by},
                        {"next_due", due ? json(compare::utc_text(*due)) : json(nullptr)}});
    }
    return json_answer(200, {{"time_zone", config_.time_zone}, {"schedules", std::move(list)}});
}

WebAnswer Service::accept_finding(const WebRequest& request) {
    const json body = json::parse(request.body, nullptr, false);
    const auto run = keeper_.find(text_in(body, "run"));
    const auto* rehearsal = run ? keeper_.configured(run->rehearsal) : nullptr;
    if (rehearsal == nullptr) return problem(404, "there is no such run, or its rehearsal is not configured any more");
    compare::Rule rule;
    rule.reason = text_in(body, "reason");
    rule.owner = text_in(body, "owner");
    if (!is_sentence(rule.reason) || !is_sentence(rule.owner))
        return problem(422, "reason and owner are needed, in one line each");
    const auto expires = compare::parse_day(text_in(body, "expires"));
    if (!expires || *expires <= wall_now()) return problem(422, "expires: a day to come is needed, such as 2027-01-31");
    rule.expires = *expires;
    const auto text = keeper_.store().report(run->id);
    if (!text) return failed(text.error());
    const json report = json::parse(*text, nullptr, false);
    const json* finding = finding_with(report, text_in(body, "finding"));
    if (finding == nullptr) return problem(404, "this run has no such finding");
    rule.finding = text_in(*finding, "id");
    rule.fingerprint = text_in(*finding, "fingerprint");
    rule.kind = text_in(*finding, "kind");
    rule.place = text_in(*finding, "place");
    rule.sqlstate = text_in(*finding, "sqlstate");
    const std::lock_guard lock(rules_mutex_);
    const auto written = keeper_.accept(*rehearsal, rule);
    if (!written) return failed(written.error());
    return json_answer(
        201, {{"finding", rule.finding}, {"rehearsal", rehearsal->name}, {"expires", text_in(body, "expires")}});
}

WebAnswer Service::audit_log(const Route& route) {
    const auto limit = count_of(route, "limit", 200, service::kMaxPageLength);
    if (!limit) return problem(422, fmt::format("limit: 0 to {}", service::kMaxPageLength));
    return {200, "application/json", "{\"entries\":[" + audit_.tail(*limit) + "]}\n", {}};
}

WebAnswer Service::metrics() {
    const auto counted = keeper_.counters();
    service::RunGauges runs{counted.ended,
                            counted.started,
                            counted.missed,
                            counted.clean_failures,
                            counted.unreadable_runs,
                            keeper_.live_view().size(),
                            keeper_.schedules().size()};
    return {200, "text/plain; version=0.0.4", service_metrics(counters_, runs), {}};
}

}  // namespace understudy::app
