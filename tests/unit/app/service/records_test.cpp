#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/service/live_progress.hpp"
#include "app/service/run_record.hpp"
#include "app/service/serve_config.hpp"
#include "app/service/viewer_queue.hpp"

namespace understudy::app::service {
namespace {

TEST(RunRecord, IsReadAsWritten) {
    RunRecord run;
    run.id = "20261128T020000-1f3a9c";
    run.rehearsal = "shop";
    run.target = "host=x";
    run.state = RunState::finished;
    run.created = Timestamp::from_ns(1'767'225'600'123'456'789);
    run.ended = run.created + Duration::seconds(42);
    run.process = {4711, 987654321, "boot"};
    run.exit_code = 1;
    run.missed = 3;
    run.commit = std::string(40, 'a');
    run.pull_request = 12;
    run.hooks = {"room", "hub"};
    run.report = ReportFigures{"divergent", "Rehearsal of x",        {"one"}, {{"breaking", 2}}, 2, 1000,
                               99.5,        {{"rollback", "failed"}}};
    const auto again = parse_run(run_json(run));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, run);
    for (const char* wrong : {"", "[]", "{}", R"({"id":"../x","rehearsal":"a","state":"running"})",
                              R"({"id":"x","rehearsal":"a","state":"flying"})"}) {
        EXPECT_FALSE(parse_run(wrong)) << wrong;
    }
    const auto odd =
        parse_run(R"({"id":"x","rehearsal":"a","state":"running","created_ns":1e300,"process":7,"exit_code":"1",)"
                  R"("report":{"severities":5}})");
    ASSERT_TRUE(odd);
    EXPECT_FALSE(odd->created.known());
}

TEST(RunRecord, FiguresOfAReport) {
    const auto figures = figures_of(R"({"verdict":"divergent","severities":{"breaking":1},"findings":[{}],"compared":7,
        "coverage":{"percent":98.5},"reasons":["r"],"sections":[{"id":"rollback","state":"failed"}]})");
    ASSERT_TRUE(figures);
    EXPECT_EQ(*figures,
              (ReportFigures{"divergent", "", {"r"}, {{"breaking", 1}}, 1, 7, 98.5, {{"rollback", "failed"}}}));
    EXPECT_FALSE(figures_of("{}"));
    EXPECT_FALSE(figures_of(R"({"verdict":)"));
    EXPECT_TRUE(figures_of(R"({"verdict":1,"reasons":2,"severities":[3],"sections":4,"coverage":5})"));
}

TEST(RunRecord, EndsAsItsExitCodeSays) {
    EXPECT_EQ(end_state(1, true, false), RunState::finished);
    EXPECT_EQ(end_state(3, true, false), RunState::finished);
    EXPECT_EQ(end_state(3, false, false), RunState::failed);
    EXPECT_EQ(end_state(3, false, true), RunState::stopped);
    EXPECT_EQ(end_state(0, true, true), RunState::finished) << "it was over before it was stopped";
    EXPECT_EQ(end_state(4, true, false), RunState::failed);
    EXPECT_EQ(end_state(137, false, false), RunState::failed);
}

TEST(LiveProgress, LinesCutAnywhereAreOne) {
    const std::string text =
        "{\"type\":\"step\",\"name\":\"baseline\"}\n{\"type\":\"replay\",\"errors\":3}\nrubbish\n{\"type\":\"step\","
        "\"name\":\"control\"}\n";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        LiveProgress progress;
        progress.add(std::string_view(text).substr(0, cut));
        progress.add(std::string_view(text).substr(cut));
        const auto json = progress.json();
        EXPECT_EQ(json["step"]["name"], "control");
        EXPECT_TRUE(json["replay"].is_null()) << "figures of the step before";
        EXPECT_EQ(json["unreadable_lines"], 1);
    }
}

TEST(LiveProgress, LongLinesTakeNoMemory) {
    LiveProgress progress;
    for (int i = 0; i < 100; ++i) progress.add(std::string(LiveProgress::kMaxLine, 'x'));
    EXPECT_TRUE(progress.add("\n{\"type\":\"step\",\"name\":\"a\"}\n"));
    EXPECT_EQ(progress.json()["unreadable_lines"], 1);
}

TEST(ViewerQueue, SlowViewersLoseTheOldestAndAreTold) {
    ViewerQueue queue;
    std::uint64_t dropped = 0;
    for (std::size_t i = 0; i < kMaxViewerQueue + 5; ++i)
        dropped += queue.push(std::make_shared<const std::string>(std::to_string(i)));
    EXPECT_EQ(dropped, 5U);
    EXPECT_EQ(queue.size(), kMaxViewerQueue);
    EXPECT_EQ(*queue.pop(), R"({"type":"dropped","count":5})");
    EXPECT_EQ(*queue.pop(), "5");
}

TEST(ServeConfig, WholeFile) {
    const auto config = parse_serve_config(R"(serve:
  listen: 127.0.0.1:9000
  state: /var/lib/understudy
  metrics: open
  grace: 30s
  time_zone: Europe/Berlin
  origins: ["https://dash.example:8443"]
  rehearsals:
    shop-nightly: {config: shop.yaml, title: The shop, schedule: "30 2 * * *"}
    other: {config: other.yaml}
)",
                                           "serve.yaml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_TRUE(config->open_metrics);
    EXPECT_EQ(config->grace, Duration::seconds(30));
    ASSERT_EQ(config->rehearsals.size(), 2U);
    EXPECT_EQ(config->rehearsals[0].schedule, "30 2 * * *");
}

TEST(ServeConfig, WhatIsWrongIsNamedWithItsLine) {
    const std::string rest = "\n  rehearsals: {a: {config: a.yaml}}\n";
    const std::pair<std::string, std::string> wrong[] = {
        {"serve:\n  port: 1" + rest, "serve.yaml:2: 'port' is no key"},
        {"serve:\n  listen: 0.0.0.0:8480" + rest, "can be reached from elsewhere"},
        {"serve:\n  tls: {certificate: c.pem}" + rest, "go together"},
        {"serve:\n  metrics: maybe" + rest, ":2:"},
        {"serve:\n  grace: 0s" + rest, ":2:"},
        {"serve:\n  time_zone: ../../etc/passwd" + rest, "time_zone"},
        {"serve:\n  origins: [example]" + rest, ":2:"},
        {"serve:\n  listen: ok", "no rehearsals"},
        {"serve:\n  rehearsals: {a/b: {config: a}}", "a name"},
        {"serve:\n  rehearsals: {a: {title: x}}", "needs its config"},
        {"serve:\n  rehearsals: {a: {config: x, schedule: hourly}}", "schedule"},
        {"serve:\n  rehearsals: {a: {config: x, target: y}}", "no key"},
        {"rehearse: {}", "a section serve"},
        {"serve: [", "serve.yaml"},
    };
    for (const auto& [text, says] : wrong) {
        const auto config = parse_serve_config(text, "serve.yaml");
        ASSERT_FALSE(config) << text;
        EXPECT_NE(config.error().message.find(says), std::string::npos) << config.error().message;
    }
    EXPECT_TRUE(parse_serve_config("serve:\n  listen: 0.0.0.0:1\n  allow_plain: true" + rest, "x"));
}

TEST(ServeConfig, FactsOfARehearsal) {
    const auto facts = rehearsal_facts("rehearse:\n  target: host=x dbname=y\n  rules: r.yaml\n", "u.yaml");
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->target, "host=x dbname=y");
    EXPECT_EQ(facts->rules, "r.yaml");
    EXPECT_FALSE(rehearsal_facts("rehearse: {}\n", "u.yaml"));
    EXPECT_FALSE(rehearsal_facts("[", "u.yaml"));
}

TEST(ServeConfig, Loopback) {
    EXPECT_TRUE(is_loopback("127.0.0.1:1") && is_loopback("[::1]:1") && is_loopback("localhost:1"));
    EXPECT_FALSE(is_loopback("0.0.0.0:1") || is_loopback("[::]:1") || is_loopback("10.0.0.1:1") ||
                 is_loopback("example.org:1"));
}

}  // namespace
}  // namespace understudy::app::service
