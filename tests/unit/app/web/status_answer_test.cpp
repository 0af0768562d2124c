#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/web/status_server.hpp"

namespace understudy::app {
namespace {

using ::testing::HasSubstr;

class StatusAnswerTest : public ::testing::Test {
protected:
    StatusAnswer get(const std::string& path, const std::string& method = "GET") {
        return answer_status(method, path, stats_, "prod.pgcap", kStart, kStart + Duration::seconds(3));
    }
    static constexpr Timestamp kStart = Timestamp::from_ns(1'800'000'000'000'000'000);
    replay::ReplayStats stats_;
};

TEST_F(StatusAnswerTest, HealthAndWrongRequests) {
    EXPECT_EQ(get("/healthz").status, 200);
    EXPECT_EQ(get("/healthz").body, "ok\n");
    EXPECT_EQ(get("/healthz?x=1").status, 200);
    EXPECT_EQ(get("/healthz", "HEAD").status, 200);
    EXPECT_EQ(get("/healthz", "POST").status, 405);
    EXPECT_EQ(get("/nothing").status, 404);
    EXPECT_EQ(get("").status, 404);
}

TEST_F(StatusAnswerTest, StatusIsJson) {
    stats_.sessions_opened = 5;
    stats_.sessions_open = 3;
    stats_.sessions_closed = 4;
    stats_.sessions_failed = 2;
    stats_.requests_read = 100;
    stats_.requests_sent = 90;
    stats_.requests_not_sent = 1;
    stats_.exchanges_answered = 80;
    stats_.errors = 7;
    stats_.record_lag(Duration::milliseconds(20), replay::LagCause::target);
    stats_.record_lag(Duration::milliseconds(1), replay::LagCause::tool);
    stats_.start_ns = kStart.ns();
    stats_.end_due_ns = (kStart + Duration::seconds(12)).ns();
    const StatusAnswer answer = get("/status");
    EXPECT_EQ(answer.content_type, "application/json");
    const auto json = nlohmann::json::parse(answer.body);
    EXPECT_EQ(json["format_version"], 1);
    EXPECT_EQ(json["capture"], "prod.pgcap");
    EXPECT_EQ(json["elapsed_seconds"], 3.0);
    EXPECT_EQ(json["progress"]["share"], 0.25);
    EXPECT_EQ(json["progress"]["seconds_left"], 9.0);
    EXPECT_EQ(json["progress"]["paused"], false);
    EXPECT_NEAR(json["exchanges_per_second"].get<double>(), 80.0 / 3, 1e-9);
    EXPECT_EQ(json["sessions"]["opened"], 5);
    EXPECT_EQ(json["sessions"]["open"], 3);
    EXPECT_EQ(json["sessions"]["failed"], 2);
    EXPECT_EQ(json["requests"]["read"], 100);
    EXPECT_EQ(json["requests"]["sent"], 90);
    EXPECT_EQ(json["requests"]["not_sent"], 1);
    EXPECT_EQ(json["requests"]["late"], 1);
    EXPECT_EQ(json["exchanges_answered"], 80);
    EXPECT_EQ(json["errors"], 7);
    EXPECT_EQ(json["lag_us"]["target"]["count"], 1);
    EXPECT_EQ(json["lag_us"]["tool"]["count"], 1);
    EXPECT_EQ(get("/").body, answer.body);
}

TEST_F(StatusAnswerTest, ACaptureNameThatIsNoUtf8DoesNotBreakTheJson) {
    const StatusAnswer answer = answer_status("GET", "/status", stats_, "\xff.pgcap", kStart, kStart);
    EXPECT_TRUE(nlohmann::json::accept(answer.body));
}

TEST_F(StatusAnswerTest, MetricsHaveHelpTypeAndValue) {
    stats_.sessions_open = 3;
    stats_.errors = 7;
    const StatusAnswer answer = get("/metrics");
    EXPECT_THAT(answer.content_type, HasSubstr("version=0.0.4"));
    EXPECT_THAT(answer.body,
                HasSubstr("# TYPE understudy_replay_sessions_open gauge\nunderstudy_replay_sessions_open 3\n"));
    EXPECT_THAT(answer.body,
                HasSubstr("# TYPE understudy_replay_errors_total counter\nunderstudy_replay_errors_total 7\n"));
}

TEST_F(StatusAnswerTest, HistogramsAreCumulativeAndInSeconds) {
    for (const int ms : {1, 20, 20, 700}) stats_.record_lag(Duration::milliseconds(ms), replay::LagCause::tool);
    const std::string body = get("/metrics").body;
    const std::string name = "understudy_replay_lag_of_tool_seconds";
    EXPECT_THAT(body, HasSubstr("# TYPE " + name + " histogram\n"));
    EXPECT_THAT(body, HasSubstr(name + "_bucket{le=\"0.0001\"} 0\n"));
    EXPECT_THAT(body, HasSubstr(name + "_bucket{le=\"0.005\"} 1\n"));
    EXPECT_THAT(body, HasSubstr(name + "_bucket{le=\"0.05\"} 3\n"));
    EXPECT_THAT(body, HasSubstr(name + "_bucket{le=\"10\"} 4\n"));
    EXPECT_THAT(body, HasSubstr(name + "_bucket{le=\"+Inf\"} 4\n"));
    EXPECT_THAT(body, HasSubstr(name + "_sum 0.741\n"));
    EXPECT_THAT(body, HasSubstr(name + "_count 4\n"));
}

TEST_F(StatusAnswerTest, BadAddressesAreUsageErrors) {
    for (const char* address :
         {"junk", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "nohost.invalid:80", "127.0.0.1:80x"}) {
        const auto started = StatusServer::start(address, stats_, "x");
        ASSERT_FALSE(started) << address;
        EXPECT_EQ(started.error().code, Errc::usage) << address;
    }
    EXPECT_EQ(StatusServer::start("", stats_, "x").value()->port(), 0);
    const auto first = StatusServer::start("127.0.0.1:0", stats_, "x").value();
    ASSERT_NE(first->port(), 0);
}

}  // namespace
}  // namespace understudy::app
