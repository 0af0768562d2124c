#include "app/service/hooks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/service/serve_config.hpp"
#include "app/service/tokens.hpp"

namespace understudy::app::service {
namespace {

using Json = nlohmann::json;

const std::string kCommit(40, 'c');
constexpr const char* kCanary = "canary-4711";

/// A run that is over, with a canary wherever a text can be that is not ours.
RunRecord divergent() {
    RunRecord run;
    run.id = "20261128T020000-1f3a9c";
    run.rehearsal = "shop";
    run.state = RunState::finished;
    run.target = run.failure = run.cleaned = kCanary;
    run.commit = kCommit;
    run.pull_request = 7;
    run.exit_code = 1;
    run.report = ReportFigures{"divergent",
                               kCanary,
                               {kCanary},
                               {{"breaking", 1}, {"cosmetic", 2}, {kCanary, 4}},
                               3,
                               1000,
                               99.81,
                               {{"rollback", "failed"}, {"traffic", "passed"}, {kCanary, "failed"}, {"held", kCanary}}};
    return run;
}

Hook hook_of(Hook::Kind kind) {
    Hook hook;
    hook.name = "h";
    hook.kind = kind;
    hook.repository = "acme/shop";
    return hook;
}

std::vector<HookRequest> told(Hook::Kind kind, HookEvent event, const RunRecord& run) {
    return hook_requests(hook_of(kind), "https://x.example/base", "secret", event, run, "https://u.example/runs/" + run.id);
}

TEST(Hooks, NothingOfAReportThatCouldBeAUsersLeaves) {
    for (const auto kind : {Hook::Kind::json, Hook::Kind::slack, Hook::Kind::github, Hook::Kind::gitlab}) {
        for (const auto event : {HookEvent::began, HookEvent::ended}) {
            for (const bool has_verdict : {true, false}) {
                RunRecord run = divergent();
                if (!has_verdict) run.report->verdict = kCanary;
                for (const HookRequest& request : told(kind, event, run)) {
                    EXPECT_EQ(request.body.find(kCanary), std::string::npos) << request.body;
                    EXPECT_EQ(request.url.find(kCanary), std::string::npos) << request.url;
                }
            }
        }
    }
}

TEST(Hooks, JsonIsSigned) {
    const auto requests = told(Hook::Kind::json, HookEvent::ended, divergent());
    ASSERT_EQ(requests.size(), 1U);
    const auto signature = std::find_if(requests[0].headers.begin(), requests[0].headers.end(),
                                        [](const auto& header) { return header.first == "X-Understudy-Signature"; });
    ASSERT_NE(signature, requests[0].headers.end());
    EXPECT_EQ(signature->second, "sha256=" + hmac_sha256("secret", requests[0].body));
    const auto body = Json::parse(requests[0].body);
    EXPECT_EQ(body["event"], "run.ended");
    EXPECT_EQ(body["run"]["report"]["severities"]["breaking"], 1);
    EXPECT_EQ(body["run"]["report"]["sections"], (Json{{"rollback", "failed"}, {"traffic", "passed"}}));
}

TEST(Hooks, SlackHearsOfEndsInItsOwnEscapes) {
    EXPECT_TRUE(told(Hook::Kind::slack, HookEvent::began, divergent()).empty());
    const auto requests =
        hook_requests(hook_of(Hook::Kind::slack), "https://x", "", HookEvent::ended, divergent(), "https://u/a&b");
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(Json::parse(requests[0].body)["text"],
              "*shop* – divergent: 3 findings (1 breaking, 2 cosmetic), 99.8 % compared\nrollback failed\n"
              "<https://u/a&amp;b|The run>");
}

TEST(Hooks, AStatusIsPendingUntilTheVerdict) {
    RunRecord run = divergent();
    const auto state = [&](Hook::Kind kind) {
        const auto event = is_over(run.state) ? HookEvent::ended : HookEvent::began;
        return Json::parse(told(kind, event, run).at(0).body)["state"].get<std::string>();
    };
    EXPECT_EQ(state(Hook::Kind::github), "failure");
    EXPECT_EQ(state(Hook::Kind::gitlab), "failed");
    run.report->verdict = "same";
    EXPECT_EQ(state(Hook::Kind::github), "success");
    EXPECT_EQ(state(Hook::Kind::gitlab), "success");
    run.report->verdict = "inconclusive";
    EXPECT_EQ(state(Hook::Kind::github), "error");
    EXPECT_EQ(state(Hook::Kind::gitlab), "failed");
    run.report.reset();
    run.state = RunState::stopped;
    EXPECT_EQ(state(Hook::Kind::github), "error");
    EXPECT_EQ(state(Hook::Kind::gitlab), "canceled");
    run.state = RunState::running;
    EXPECT_EQ(state(Hook::Kind::github), "pending");
    EXPECT_EQ(state(Hook::Kind::gitlab), "running");
}

TEST(Hooks, ForgesHearOfACommitAndAPullRequestOnly) {
    RunRecord run = divergent();
    EXPECT_EQ(told(Hook::Kind::github, HookEvent::ended, run).size(), 2U);
    EXPECT_EQ(told(Hook::Kind::github, HookEvent::began, run).size(), 1U) << "no comment before the end";
    const auto requests = told(Hook::Kind::gitlab, HookEvent::ended, run);
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].url, "https://x.example/base/api/v4/projects/acme%2Fshop/statuses/" + kCommit);
    ASSERT_TRUE(requests[1].search);
    EXPECT_EQ(requests[1].search->edit_url, "https://x.example/base/api/v4/projects/acme%2Fshop/merge_requests/7/notes/");
    EXPECT_NE(Json::parse(requests[1].body)["body"].get<std::string>().find(requests[1].search->marker), std::string::npos);
    run.commit.clear();
    EXPECT_EQ(told(Hook::Kind::github, HookEvent::ended, run).size(), 1U);
    run.pull_request = 0;
    EXPECT_TRUE(told(Hook::Kind::github, HookEvent::ended, run).empty());
}

TEST(Hooks, TextsKeepTheLimitsOfTheirReceivers) {
    RunRecord run = divergent();
    run.rehearsal = std::string(64, 'r');
    for (auto* severity : {"breaking", "wrong answer", "risky", "cosmetic"}) run.report->severities[severity] = UINT64_MAX;
    for (char a = 'a'; a <= 'z'; ++a) {
        for (char b = 'a'; b <= 'z'; ++b) run.report->sections[std::string(30, a) + b] = "failed";
    }
    for (const auto kind : {Hook::Kind::github, Hook::Kind::gitlab}) {
        const auto requests = told(kind, HookEvent::ended, run);
        EXPECT_LE(Json::parse(requests[0].body)["description"].get<std::string>().size(), 140U);
        EXPECT_LE(Json::parse(requests[1].body)["body"].get<std::string>().size(), 4000U);
    }
    EXPECT_LE(told(Hook::Kind::slack, HookEvent::ended, run)[0].body.size(), 4000U);
}

TEST(Hooks, OurCommentIsFoundByItsMarker) {
    const auto page = comment_with(R"([{"id":1,"body":"other"},{"id":"2","body":"M"},{"id":3},7,{"id":4,"body":"a M b"}])", "M");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->count, 5U);
    EXPECT_EQ(page->ours, 4U);
    EXPECT_FALSE(comment_with("[]", "M")->ours);
    EXPECT_FALSE(comment_with("{}", "M"));
    EXPECT_FALSE(comment_with("<html>", "M"));
    RunRecord other = divergent();
    other.pull_request = 8;
    const auto marker = [](const RunRecord& run) { return told(Hook::Kind::github, HookEvent::ended, run)[1].search->marker; };
    EXPECT_NE(marker(other), marker(divergent()));
    EXPECT_EQ(marker(divergent()), marker(divergent()));
}

TEST(Hooks, CauseOfARun) {
    EXPECT_TRUE(parse_cause(""));
    EXPECT_TRUE(parse_cause("{}"));
    const auto cause = parse_cause(R"({"commit":")" + kCommit + R"(","pull_request":12})");
    ASSERT_TRUE(cause);
    EXPECT_EQ(cause->commit, kCommit);
    EXPECT_EQ(cause->pull_request, 12U);
    EXPECT_TRUE(parse_cause(R"({"commit":null,"pull_request":null})"));
    for (const char* wrong :
         {"[]", "{", "7", R"({"commit":"main"})", R"({"commit":7})", R"({"commit":"../../../../../../../../../../../../../../"})",
          R"({"pull_request":0})", R"({"pull_request":-1})", R"({"pull_request":1.5})", R"({"pull_request":"7"})",
          R"({"pull_request":1000000000})", R"({"comit":"x"})"}) {
        EXPECT_FALSE(parse_cause(wrong)) << wrong;
    }
    EXPECT_FALSE(parse_cause(R"({"commit":")" + std::string(40, 'C') + "\"}"));
}

TEST(Hooks, HmacOfRfc4231) {
    EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(HookConfig, OfEachKind) {
    const auto config = parse_serve_config(R"(serve:
  address: https://understudy.example/
  hooks:
    - {name: bus, kind: json, url: "https://bus.example/in?x=1", secret_file: bus.key, rehearsals: [a], patience: 3s}
    - {name: room, kind: slack, url_file: room.url}
    - {name: hub, kind: github, secret_file: t, repository: acme/shop}
    - {name: lab, kind: gitlab, url: "https://git.example:8443/", secret_file: t, repository: acme/deep/shop, ca_file: ca.pem}
  rehearsals: {a: {config: a.yaml}}
)",
                                           "serve.yaml");
    ASSERT_TRUE(config) << config.error().message;
    ASSERT_EQ(config->hooks.size(), 4U);
    EXPECT_EQ(config->address, "https://understudy.example");
    EXPECT_EQ(config->hooks[0].patience, Duration::seconds(3));
    EXPECT_TRUE(concerns(config->hooks[0], "a") && !concerns(config->hooks[0], "b") && concerns(config->hooks[1], "b"));
    EXPECT_EQ(config->hooks[2].url, "https://api.github.com");
    EXPECT_EQ(config->hooks[3].url, "https://git.example:8443");
}

TEST(HookConfig, WhatIsWrongIsNamed) {
    const std::pair<std::string, std::string> wrong[] = {
        {"{kind: json}", "a name and a kind"},
        {"{name: a, kind: carrier-pigeon}", "kind"},
        {"{name: a, kind: json, url: \"https://x\"}", "secret_file is missing"},
        {"{name: a, kind: json, url: \"https://x\", secret: hunter2}", "no key"},
        {"{name: a, kind: json, secret_file: k}", "one of url and url_file"},
        {"{name: a, kind: json, url: \"http://x.example/\", secret_file: k}", "https:// is wanted"},
        {"{name: a, kind: json, url: \"https://user@x/\", secret_file: k}", "an address"},
        {"{name: a, kind: json, url: \"https://x/\", secret_file: k, repository: a/b}", "repository is for"},
        {"{name: a, kind: slack, url: \"https://hooks.slack.com/services/T/B/x\"}", "url_file"},
        {"{name: a, kind: slack, url_file: x, secret_file: y}", "no secret_file"},
        {"{name: a, kind: github, repository: a/b}", "access token"},
        {"{name: a, kind: github, secret_file: t, repository: ../b}", "OWNER/NAME"},
        {"{name: a, kind: github, secret_file: t, repository: a/b/c}", "OWNER/NAME"},
        {"{name: a, kind: gitlab, secret_file: t, repository: \"a?b\"}", "OWNER/NAME"},
        {"{name: a, kind: gitlab, secret_file: t, repository: 7, url: \"https://x?a=b\"}", "without a query"},
        {"{name: a, kind: slack, url_file: x, rehearsals: [nobody]}", "there is no rehearsal nobody"},
        {"{name: a, kind: slack, url_file: x}, {name: a, kind: slack, url_file: y}", "there already"},
    };
    for (const auto& [hook, says] : wrong) {
        const auto config = parse_serve_config("serve:\n  hooks: [" + hook + "]\n  rehearsals: {r: {config: r.yaml}}\n", "s");
        ASSERT_FALSE(config) << hook;
        EXPECT_NE(config.error().message.find(says), std::string::npos) << config.error().message;
    }
    for (const char* address : {"understudy.example", "https://x/<y>", "https://x y", "https://x/)"}) {
        const std::string text = "serve:\n  address: '" + std::string(address) + "'\n  rehearsals: {r: {config: r.yaml}}\n";
        EXPECT_FALSE(parse_serve_config(text, "s")) << address;
    }
}

}  // namespace
}  // namespace understudy::app::service
