#include <gtest/gtest.h>

#include "app/inspect/exchange_view.hpp"
#include "app/inspect/statement_table.hpp"
#include "app/inspect/step_filter.hpp"
#include "app/inspect/timeline.hpp"
#include "core/sql/fingerprint.hpp"
#include "tests/unit/app/inspect/shop_capture.hpp"

namespace understudy::app::inspect {
namespace {

struct Counter final : FollowListener {
    void on_step(const FollowedStep&) override { ++steps; }
    void on_session_end(const SessionInfo& session) override {
        ++sessions;
        quality.add(session.quality);
    }
    int steps = 0;
    int sessions = 0;
    Quality quality;
};

Counter filtered(const std::vector<Event>& events, FilterOptions options) {
    Counter counter;
    StepFilter filter(std::move(options));
    filter.set_start(kStart);
    FilteredListener listener(filter, counter);
    Follower follower(listener, true);
    for (const Event& event : events) follower.on_event(event);
    follower.finish();
    return counter;
}

TEST(StepFilter, EverythingGivenMustFit) {
    const std::vector<Event> events = shop_capture();
    EXPECT_EQ(filtered(events, {}).steps, 13);
    EXPECT_EQ(filtered(events, {}).sessions, 5);
    FilterOptions errors;
    errors.errors = true;
    EXPECT_EQ(filtered(events, errors).steps, 1);
    EXPECT_EQ(filtered(events, errors).sessions, 1);
    FilterOptions eve;
    eve.user = "eve";
    EXPECT_EQ(filtered(events, eve).steps, 0);
    EXPECT_EQ(filtered(events, eve).sessions, 1);
    FilterOptions time;
    time.from = TimeOption::parse("10ms").value();
    time.to = TimeOption::parse("12ms").value();
    EXPECT_EQ(filtered(events, time).steps, 3);
    FilterOptions statement;
    statement.fingerprint = sql::fingerprint("SELECT name FROM product WHERE id = 1").value;
    EXPECT_EQ(filtered(events, statement).steps, 5);
    statement.database = "other";
    EXPECT_EQ(filtered(events, statement).steps, 0);
}

Quality quality_of(const std::vector<Event>& events) { return filtered(events, {}).quality; }

std::vector<Event> three_exchanges() {
    std::vector<Event> events{opened(1, 0)};
    for (std::uint32_t i = 0; i < 3; ++i) {
        events.push_back(request(1, i, 10.0 * i, frames(pgwire::Query{"select 1"})));
        events.push_back(response(1, i, 10.0 * i + 1, {result(StepKind::statement, 10.0 * i + 1, "SELECT 1", 1)}));
    }
    return events;
}

TEST(Quality, IsTheShareOfWholeExchanges) {
    std::vector<Event> events = three_exchanges();
    EXPECT_EQ(quality_of(events).percent(), 100);
    events.push_back(request(1, 3, 40, frames(pgwire::Query{"select 1"})));
    EXPECT_EQ(quality_of(events).running, 1U);  // the file ends
    EXPECT_EQ(quality_of(events).known(), 3U);
    events.push_back(closed(1, 50, SessionEnd::connection));
    EXPECT_EQ(quality_of(events).whole, 4U);  // nobody ever answered
    events.insert(events.end() - 1, Gap{SessionId(1), at(45), false, 100});
    EXPECT_EQ(quality_of(events).whole, 3U);  // or the answer was lost
    EXPECT_EQ(quality_of(events).known(), 4U);
}

TEST(Quality, LostRequestsAreEstimatedAndDroppedOnesCounted) {
    std::vector<Event> events = three_exchanges();  // of 14 bytes each
    events.push_back(Gap{SessionId(1), at(45), true, 29});
    EXPECT_EQ(quality_of(events).lost, 3U);
    EXPECT_EQ(quality_of(events).percent(), 50);
    events.push_back(Gap{SessionId(1), at(46), true, 0});
    EXPECT_EQ(quality_of(events).unknown_gaps, 1U);
    Gap dropped{SessionId(1), at(47)};
    dropped.exchanges_dropped = 6;
    events.push_back(dropped);
    EXPECT_EQ(quality_of(events).dropped, 6U);
    EXPECT_EQ(quality_of(events).percent(), 25);
}

TEST(Quality, AStatementNeverSeenOrAnAnswerCutIsNotWhole) {
    std::vector<Event> events = three_exchanges();
    std::get<Request>(events[1]).unresolved = true;
    std::get<Response>(events[4]).results[0].outcome = StepOutcome::incomplete;
    EXPECT_EQ(quality_of(events).whole, 1U);
    EXPECT_EQ(quality_of(events).unresolved, 1U);
    events.erase(events.begin() + 6);  // and one without an end that is passed over
    events.push_back(request(1, 3, 40, frames(pgwire::Query{"select 1"})));
    events.push_back(response(1, 3, 41, {result(StepKind::statement, 41)}));
    EXPECT_EQ(quality_of(events).known(), 4U);
    EXPECT_EQ(quality_of(events).whole, 1U);
}

TEST(Timeline, SpansGrowAndNothingIsLost) {
    for (const double last_ms : {40.0, 59.0, 61.0, 1e4, 3e6, 1e9}) {
        Timeline timeline;
        timeline.set_origin(at(0));
        Follower follower(timeline, false);
        std::vector<Event> events = three_exchanges();
        events.push_back(request(1, 3, last_ms, frames(pgwire::Query{"x"})));
        events.push_back(response(1, 3, last_ms, {error(StepKind::statement, last_ms, "42601")}));
        events.push_back(closed(1, last_ms, SessionEnd::terminate));
        for (const Event& event : events) follower.on_event(event);
        follower.finish();
        Timeline::Bucket sum;
        for (const Timeline::Bucket& bucket : timeline.buckets()) {
            sum.exchanges += bucket.exchanges;
            sum.errors += bucket.errors;
            sum.bytes += bucket.bytes;
            sum.opened += bucket.opened;
            sum.ended += bucket.ended;
        }
        EXPECT_EQ(sum.exchanges, 4U) << last_ms;
        EXPECT_EQ(sum.errors, 1U);
        EXPECT_EQ(sum.bytes, 3 * 14 + 7U);
        EXPECT_EQ(sum.opened, 1U);
        EXPECT_EQ(sum.ended, 1U);
        EXPECT_LE(timeline.buckets().size(), Timeline::kMaxBuckets);
        EXPECT_EQ(timeline.buckets().back().errors, 1U);
        EXPECT_GE(timeline.span().to_milliseconds() * 60, last_ms);
    }
}

TEST(ExchangeView, TakesEveryMessageApart) {
    pgwire::Parse prepared{"s1", "select $1, $2, $3", {23, 25, 0}};
    pgwire::Bind bound{"p", "s1", {1, 0, 1}, {Bytes("\0\0\0\7", 4), Bytes("it's\x1b"), std::nullopt}, {1}};
    std::vector<Event> events{opened(1, 0), request(1, 0, 10, frames(prepared, pgwire::Sync{})),
                              response(1, 0, 11, {result(StepKind::parse, 11)})};
    events.push_back(request(1, 1, 20,
                             frames(bound, pgwire::Describe{pgwire::Target::portal, "p"}, pgwire::Execute{"p", 50},
                                    pgwire::Close{pgwire::Target::statement, "s1"}, pgwire::Sync{})));
    StepResult failed = error(StepKind::execute, 23, "22012");
    failed.notices.push_back(server_message("01000", "careful"));
    events.push_back(response(1, 1, 24, {result(StepKind::bind, 21), result(StepKind::describe, 22), failed}));
    ExchangeView view(parse_exchange("1:1").value());
    for (const Event& event : events) view.on_event(event);
    ASSERT_TRUE(view.found());
    const std::string text = view.to_text();
    for (const char* line :
         {"portal: \"p\"", "statement: \"s1\"", "$1: '7' (binary)", "$2: 'it's\\x1b'", "$3: NULL", "results as: binary",
          "prepared as: select $1, $2, $3", "max rows: 50", "error SQLSTATE: 22012", "notice message: careful",
          "+3.000  server    2  Execute", "ReadyForQuery, transaction status I"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
    }
    const Json json = view.to_json();
    ASSERT_EQ(json["messages"].size(), 8U);
    EXPECT_EQ(json["messages"][0]["message"], "Bind");
    EXPECT_EQ(json["messages"][0]["step"], 0);
    EXPECT_EQ(json["messages"][7]["from"], "server");
    EXPECT_EQ(json["ready_ms"], 4.0);
    ExchangeView other(parse_exchange("1:7").value());
    for (const Event& event : events) other.on_event(event);
    EXPECT_FALSE(other.found());
}

TEST(ExchangeView, DamagedMessagesAreShownAsSuch) {
    std::vector<Event> events{request(1, 0, 10, Bytes("B\0\0\0\6x\xff", 7) + Bytes("Z\0\0\0\4", 5))};
    ExchangeView view(ExchangeId{SessionId(1), Ordinal(0)});
    for (const Event& event : events) view.on_event(event);
    EXPECT_NE(view.to_text().find("not understood"), std::string::npos);
    EXPECT_NE(view.to_text().find("unknown message Z"), std::string::npos);
    EXPECT_NE(view.to_text().find("its end is not in the capture"), std::string::npos);
    EXPECT_FALSE(parse_exchange("1"));
    EXPECT_FALSE(parse_exchange("1:"));
    EXPECT_FALSE(parse_exchange("x:1"));
    EXPECT_FALSE(parse_exchange("1:99999999999"));
}

TEST(StatementTable, IsOrderedAsAskedFor) {
    StatementTable table;
    Follower follower(table, true);
    for (const Event& event : shop_capture()) follower.on_event(event);
    follower.finish();
    EXPECT_EQ(table.sorted(StatementOrder::errors)[0]->errors, 1U);
    EXPECT_EQ(table.sorted(StatementOrder::calls)[0]->text, "SELECT name FROM product WHERE id = $1");
    EXPECT_EQ(table.sorted(StatementOrder::time)[0]->latency_ns.sum(), table.sorted()[0]->latency_ns.sum());
}

}  // namespace
}  // namespace understudy::app::inspect
