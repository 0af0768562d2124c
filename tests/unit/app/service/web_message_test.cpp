#include "app/service/web_message.hpp"

#include <gtest/gtest.h>

#include "app/service/recovery.hpp"
#include "app/service/service_counters.hpp"

namespace understudy::app::service {
namespace {

WebRequest from(const std::string& origin, const std::string& host, bool secure = false) {
    WebRequest request;
    request.origin = origin;
    request.host = host;
    request.secure = secure;
    return request;
}

TEST(WebMessage, PagesOfOtherOriginsMayNotAsk) {
    EXPECT_TRUE(origin_allowed(from("", "127.0.0.1:1"), {})) << "a program";
    EXPECT_TRUE(origin_allowed(from("http://127.0.0.1:1", "127.0.0.1:1"), {}));
    EXPECT_TRUE(origin_allowed(from("https://a", "a", true), {}));
    EXPECT_FALSE(origin_allowed(from("http://a", "a", true), {})) << "the plain page of the same name";
    EXPECT_FALSE(origin_allowed(from("http://127.0.0.1:2", "127.0.0.1:1"), {}));
    EXPECT_FALSE(origin_allowed(from("null", "127.0.0.1:1"), {}));
    EXPECT_FALSE(origin_allowed(from("http://", ""), {}));
    EXPECT_TRUE(origin_allowed(from("https://dash", "a"), {"https://dash"}));
    EXPECT_FALSE(origin_allowed(from("https://dash.evil", "a"), {"https://dash"}));
}

TEST(WebMessage, ProblemsAreJsonWhateverTheySay) {
    const WebAnswer answer = problem(401, "a \"quote\"\xff");
    EXPECT_EQ(answer.content_type, "application/problem+json");
    EXPECT_NE(answer.body.find("\\\"quote\\\""), std::string::npos);
    EXPECT_EQ(answer.headers.at(0).first, "WWW-Authenticate");
}

TEST(WebMessage, PolicyLetsNothingInlineRun) {
    for (const auto& [name, value] : security_headers(true)) {
        if (name != "Content-Security-Policy") continue;
        EXPECT_EQ(value.find("unsafe"), std::string::npos);
        EXPECT_EQ(value.find('*'), std::string::npos);
    }
    EXPECT_EQ(security_headers(true).size(), security_headers(false).size() + 1);
}

TEST(Recovery, WhatBecomesOfARunThatWasLeft) {
    EXPECT_EQ(recovery_of(RunState::finished, true, true), Recovery::none);
    EXPECT_EQ(recovery_of(RunState::interrupted, false, false), Recovery::none);
    EXPECT_EQ(recovery_of(RunState::running, true, true), Recovery::end) << "its report may be there before its end";
    EXPECT_EQ(recovery_of(RunState::running, false, true), Recovery::adopt);
    EXPECT_EQ(recovery_of(RunState::stopping, false, false), Recovery::mark);
    EXPECT_EQ(recovery_of(RunState::starting, false, false), Recovery::mark);
}

TEST(Metrics, EachLineIsPrometheusText) {
    ServiceCounters counters;
    counters.record_time(Duration::milliseconds(3));
    RunGauges runs;
    runs.ended = {{"divergent", 2}};
    const std::string text = service_metrics(counters, runs);
    EXPECT_NE(text.find("understudy_service_runs_ended_total{how=\"divergent\"} 2\n"), std::string::npos);
    EXPECT_NE(text.find("understudy_service_answer_seconds_count 1\n"), std::string::npos);
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = text.find('\n', begin);
        const std::string line = text.substr(begin, end - begin);
        EXPECT_TRUE(line.starts_with("# ") || line.starts_with("understudy_service_")) << line;
        begin = end + 1;
    }
}

}  // namespace
}  // namespace understudy::app::service
