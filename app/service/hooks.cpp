#include "app/service/hooks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "app/service/tokens.hpp"
#include "compare/report/time_text.hpp"

namespace understudy::app::service {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDescription = 140;  // of GitHub's statuses; GitLab takes 255
constexpr std::size_t kMaxParts = 20;
constexpr std::size_t kMaxPartName = 32;
constexpr std::array<const char*, 4> kSeverities = {"breaking", "wrong answer", "risky", "cosmetic"};
constexpr std::array<std::string_view, 3> kVerdicts = {"same", "divergent", "inconclusive"};
constexpr std::array<std::string_view, 4> kPartStates = {"passed", "failed", "inconclusive", "skipped"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// The verdict, or the state where there is none.
std::string word_of(const RunRecord& run) {
    const bool known = run.report && is_one_of(kVerdicts, run.report->verdict);
    return known ? run.report->verdict : std::string(to_string(run.state));
}

bool has_verdict(const RunRecord& run) { return run.report && is_one_of(kVerdicts, run.report->verdict); }

std::uint64_t severity_count(const RunRecord& run, const char* severity) {
    if (!run.report) return 0;
    const auto found = run.report->severities.find(severity);
    return found == run.report->severities.end() ? 0 : found->second;
}

/// The parts of a rehearsal with their states, as far as both look like ours.
std::vector<std::pair<std::string, std::string>> parts_of(const RunRecord& run) {
    std::vector<std::pair<std::string, std::string>> parts;
    if (!run.report) return parts;
    for (const auto& [id, state] : run.report->sections) {
        const bool plain = !id.empty() && id.size() <= kMaxPartName &&
                           id.find_first_not_of("abcdefghijklmnopqrstuvwxyz_-") == std::string::npos;
        if (plain && is_one_of(kPartStates, state) && parts.size() < kMaxParts) parts.emplace_back(id, state);
    }
    return parts;
}

/// One line: "divergent: 2 findings (1 breaking, 1 wrong answer), 99.8 % compared".
std::string sentence_of(const RunRecord& run) {
    if (!is_over(run.state)) return "it runs";
    if (!has_verdict(run)) return fmt::format("{}, no verdict", to_string(run.state));
    std::string by_severity;
    for (const char* severity : kSeverities) {
        const auto count = severity_count(run, severity);
        if (count > 0) by_severity += fmt::format("{}{} {}", by_severity.empty() ? " (" : ", ", count, severity);
    }
    if (!by_severity.empty()) by_severity += ")";
    return fmt::format("{}: {} {}{}, {:.1f} % compared", run.report->verdict, run.report->findings,
                       run.report->findings == 1 ? "finding" : "findings", by_severity, run.report->coverage_percent);
}

std::string troubled_parts(const RunRecord& run) {
    std::string text;
    for (const auto& [id, state] : parts_of(run)) {
        if (state == "failed" || state == "inconclusive")
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", id, state);
    }
    return text;
}

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json time_or_null(Timestamp time) { return time.known() ? Json(compare::utc_text(time)) : Json(nullptr); }

/// Built of what is known to be harmless, rather than stripped of what is not.
Json outward_run(const RunRecord& run) {
    Json json{{"id", run.id},
              {"rehearsal", run.rehearsal},
              {"state", to_string(run.state)},
              {"started_by", run.started_by},
              {"created", time_or_null(run.created)},
              {"ended", time_or_null(run.ended)},
              {"missed", run.missed},
              {"exit_code", run.exit_code ? Json(*run.exit_code) : Json(nullptr)},
              {"commit", run.commit.empty() ? Json(nullptr) : Json(run.commit)},
              {"pull_request", run.pull_request == 0 ? Json(nullptr) : Json(run.pull_request)},
              {"report", nullptr}};
    if (!has_verdict(run)) return json;
    Json severities = Json::object();
    for (const char* severity : kSeverities) severities[severity] = severity_count(run, severity);
    Json parts = Json::object();
    for (const auto& [id, state] : parts_of(run)) parts[id] = state;
    json["report"] = {{"verdict", run.report->verdict},   {"findings", run.report->findings},
                      {"severities", severities},         {"compared", run.report->compared},
                      {"coverage_percent", run.report->coverage_percent}, {"sections", parts}};
    return json;
}

HookRequest generic(const std::string& url, const std::string& secret, HookEvent event, const RunRecord& run,
                    const std::string& page) {
    const std::string name(to_string(event));
    const std::string body =
        dumped({{"event", name}, {"page", page.empty() ? Json(nullptr) : Json(page)}, {"run", outward_run(run)}});
    return {"POST",
            url,
            {{"X-Understudy-Event", name},
             {"X-Understudy-Delivery", run.id + "." + name},
             {"X-Understudy-Signature", "sha256=" + hmac_sha256(secret, body)}},
            body,
            {}};
}

/// Slack's own three escapes ("Formatting text for app surfaces").
std::string slack_text(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '&') out += "&amp;";
        else if (c == '<') out += "&lt;";
        else if (c == '>') out += "&gt;";
        else out += c;
    }
    return out;
}

HookRequest slack(const std::string& url, const RunRecord& run, const std::string& page) {
    std::string text = fmt::format("*{}* – {}", slack_text(run.rehearsal), slack_text(sentence_of(run)));
    const std::string parts = troubled_parts(run);
    if (!parts.empty()) text += "\n" + slack_text(parts);
    if (!page.empty()) text += fmt::format("\n<{}|The run>", slack_text(page));
    return {"POST", url, {}, dumped({{"text", text}}), {}};
}

/// Nobody who does not have the token can write this line before we do.
std::string marker_of(const Hook& hook, const std::string& secret, const RunRecord& run) {
    const std::string what = fmt::format("{} {} {}", hook.repository, run.pull_request, run.rehearsal);
    return fmt::format("<!-- understudy {} -->", hmac_sha256(secret, what).substr(0, 32));
}

std::string comment_of(const RunRecord& run, const std::string& page, const std::string& marker) {
    std::string text = fmt::format("{}\n**Understudy, {}**: {}\n", marker, run.rehearsal, sentence_of(run));
    const auto parts = parts_of(run);
    if (!parts.empty()) text += "\n| part | |\n|---|---|\n";
    for (const auto& [id, state] : parts) text += fmt::format("| {} | {} |\n", id, state);
    if (!run.commit.empty()) text += fmt::format("\nOf {}.\n", run.commit);
    if (!page.empty()) text += fmt::format("\n[The run]({})\n", page);
    return text;
}

/// A project's path as one segment (GitLab REST, "Namespaced paths").
std::string escaped_path(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '/' ? std::string("%2F") : std::string(1, c);
    return out;
}

/// Only "same" is a success; a run without a verdict, or with an inconclusive one, has failed to say so.
std::string status_word(const RunRecord& run, bool is_github) {
    if (!is_over(run.state)) return is_github ? "pending" : "running";
    const std::string word = word_of(run);
    if (word == "same") return "success";
    if (word == "divergent") return is_github ? "failure" : "failed";
    if (!is_github && run.state == RunState::stopped) return "canceled";
    return is_github ? "error" : "failed";
}

HookRequest status(const std::string& url, const RunRecord& run, const std::string& page, bool is_github) {
    Json body{{"state", status_word(run, is_github)},
              {is_github ? "context" : "name", "understudy/" + run.rehearsal},
              {"description", sentence_of(run).substr(0, kMaxDescription)}};
    if (!page.empty()) body["target_url"] = page;
    return {"POST", url, {}, dumped(body), {}};
}

std::vector<HookRequest> github(const Hook& hook, const std::string& url, const std::string& token, HookEvent event,
                                const RunRecord& run, const std::string& page) {
    const std::string base = url + "/repos/" + hook.repository;
    std::vector<HookRequest> requests;
    if (!run.commit.empty()) requests.push_back(status(base + "/statuses/" + run.commit, run, page, true));
    if (run.pull_request > 0 && event == HookEvent::ended) {
        const std::string marker = marker_of(hook, token, run);
        const std::string list = fmt::format("{}/issues/{}/comments", base, run.pull_request);
        requests.push_back({"POST", list, {}, dumped({{"body", comment_of(run, page, marker)}}),
                            CommentSearch{fmt::format("{}?per_page={}", list, kCommentsAPage), marker, "PATCH",
                                          base + "/issues/comments/"}});
    }
    for (HookRequest& request : requests) {
        request.headers = {{"Authorization", "Bearer " + token},
                           {"Accept", "application/vnd.github+json"},
                           {"X-GitHub-Api-Version", "2022-11-28"}};
    }
    return requests;
}

std::vector<HookRequest> gitlab(const Hook& hook, const std::string& url, const std::string& token, HookEvent event,
                                const RunRecord& run, const std::string& page) {
    const std::string base = url + "/api/v4/projects/" + escaped_path(hook.repository);
    std::vector<HookRequest> requests;
    if (!run.commit.empty()) requests.push_back(status(base + "/statuses/" + run.commit, run, page, false));
    if (run.pull_request > 0 && event == HookEvent::ended) {
        const std::string marker = marker_of(hook, token, run);
        const std::string list = fmt::format("{}/merge_requests/{}/notes", base, run.pull_request);
        requests.push_back(
            {"POST", list, {}, dumped({{"body", comment_of(run, page, marker)}}),
             CommentSearch{fmt::format("{}?order_by=created_at&sort=asc&per_page={}", list, kCommentsAPage), marker,
                           "PUT", list + "/"}});
    }
    for (HookRequest& request : requests) request.headers = {{"PRIVATE-TOKEN", token}};
    return requests;
}

}  // namespace

std::string_view to_string(Hook::Kind kind) {
    constexpr std::array<std::string_view, 4> kNames = {"json", "slack", "github", "gitlab"};
    return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view to_string(HookEvent event) { return event == HookEvent::began ? "run.began" : "run.ended"; }

bool concerns(const Hook& hook, const std::string& rehearsal) {
    const auto& those = hook.rehearsals;
    return those.empty() || std::find(those.begin(), those.end(), rehearsal) != those.end();
}

std::vector<HookRequest> hook_requests(const Hook& hook, const std::string& url, const std::string& secret, HookEvent event,
                                       const RunRecord& run, const std::string& page) {
    switch (hook.kind) {
        case Hook::Kind::json: return {generic(url, secret, event, run, page)};
        case Hook::Kind::slack:
            if (event == HookEvent::began) return {};
            return {slack(url, run, page)};
        case Hook::Kind::github: return github(hook, url, secret, event, run, page);
        case Hook::Kind::gitlab: return gitlab(hook, url, secret, event, run, page);
    }
    return {};
}

Result<CommentPage> comment_with(const std::string& text, const std::string& marker) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_array()) return make_error(Errc::protocol, "the list of comments is none");
    CommentPage page;
    page.count = json.size();
    for (const Json& comment : json) {
        if (!comment.is_object() || !comment.contains("id") || !comment["id"].is_number_unsigned()) continue;
        if (!comment.contains("body") || !comment["body"].is_string()) continue;
        if (comment["body"].get_ref<const std::string&>().find(marker) == std::string::npos) continue;
        page.ours = comment["id"].get<std::uint64_t>();
        return page;
    }
    return page;
}

bool is_commit(const std::string& text) {
    return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<RunCause> parse_cause(const std::string& body) {
    RunCause cause;
    if (body.empty()) return cause;
    const Json json = Json::parse(body, nullptr, false);
    if (!json.is_object()) return make_error(Errc::malformed, "a JSON object is wanted, with commit and pull_request or without");
    for (const auto& [key, value] : json.items()) {
        if (key == "commit" && (value.is_null() || (value.is_string() && is_commit(value.get<std::string>())))) {
            if (!value.is_null()) cause.commit = value.get<std::string>();
        } else if (key == "commit") {
            return make_error(Errc::malformed, "commit: 40 or 64 hexadecimal digits in lower case are wanted");
        } else if (key == "pull_request" && value.is_null()) {
            cause.pull_request = 0;
        } else if (key == "pull_request") {
            cause.pull_request = value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
            if (cause.pull_request == 0 || cause.pull_request > kMaxPullRequest)
                return make_error(Errc::malformed, fmt::format("pull_request: a number from 1 to {} is wanted", kMaxPullRequest));
        } else {
            return make_error(Errc::malformed, "a start takes commit and pull_request only");
        }
    }
    return cause;
}

}  // namespace understudy::app::service
