#include <gtest/gtest.h>

#include "capture/edit/merger.hpp"
#include "core/store/capture_codec.hpp"
#include "tests/unit/app/inspect/events.hpp"

namespace understudy::capture {
namespace {

using app::inspect::at;
using app::inspect::closed;
using app::inspect::frames;
using app::inspect::opened;
using app::inspect::request;
using app::inspect::response;
using app::inspect::result;

struct Collector final : EventSink {
    void on_event(Event&& event) override { events.push_back(std::move(event)); }
    std::vector<Event> events;
};

SessionOpened from(std::uint64_t session, double ms, const std::string& client, std::uint32_t process = 0) {
    SessionOpened event = opened(session, ms);
    event.identity.client = client;
    event.identity.server = "10.0.0.1:5432";
    event.identity.process_id = process;
    return event;
}

/// `count` exchanges with texts of their own; asked `late` ms after they were sent, answers `early` ms sooner.
std::vector<Event> session(std::uint64_t id, double clock, double late, double early, int count, int skip = 0,
                           const std::string& client = "10.0.0.7:4000", std::uint32_t process = 0) {
    std::vector<Event> events;
    SessionOpened opening = from(id, clock + late, client, process);
    opening.joined = skip > 0;
    events.push_back(opening);
    for (int i = skip; i < count; ++i) {
        const auto ordinal = static_cast<std::uint32_t>(i - skip);
        const Bytes sql = "select " + std::to_string(i);
        events.push_back(request(id, ordinal, clock + late + 10 * i, frames(pgwire::Query{sql})));
        events.push_back(response(id, ordinal, clock + 5 - early + 10 * i,
                                  {result(StepKind::statement, clock + 5 - early + 10 * i)}));
    }
    return events;
}

SketchBook sketch(const std::vector<Event>& events) {
    SketchBook book;
    for (const Event& event : events) book.on_event(event);
    return book;
}

double ms(Duration duration) { return duration.to_milliseconds(); }

TEST(ClockOffset, IsTheMiddleBetweenRequestsAndAnswers) {
    const SketchBook client = sketch(session(1, 0, 0, 0, 5));
    const SketchBook server = sketch(session(2, 1500, 0.4, 0.6, 5));  // 1.5 s ahead; 0.4 ms there, 0.6 ms back
    const auto matches = match_sessions(client, server);
    ASSERT_EQ(matches.size(), 1U);
    EXPECT_EQ(matches[0].second, SessionId(2));
    EXPECT_EQ(matches[0].shift, 0);
    const auto offset = estimate_offset(client, server, matches);
    ASSERT_TRUE(offset);
    EXPECT_NEAR(ms(offset->offset), 1499.9, 1e-3);
    EXPECT_NEAR(ms(offset->uncertainty), 0.5, 1e-3);
    EXPECT_GE(ms(offset->uncertainty), std::abs(1500 - ms(offset->offset)));
    EXPECT_EQ(offset->sessions, 1U);
    EXPECT_EQ(offset->pairs, 10U);
}

TEST(ClockOffset, AJoinedSessionIsLaidWhereItFits) {
    const SketchBook whole = sketch(session(1, 0, 0, 0, 8));
    const SketchBook joined = sketch(session(2, 1000, 0, 0, 8, 3));
    const auto matches = match_sessions(whole, joined);
    ASSERT_EQ(matches.size(), 1U);
    EXPECT_EQ(matches[0].shift, -3);
    EXPECT_NEAR(ms(estimate_offset(whole, joined, matches)->offset), 1000, 1e-3);
}

TEST(ClockOffset, RequestsThatRepeatFitAnywhereAndTellNothing) {
    std::vector<Event> events = session(1, 0, 0, 0, 6);
    for (Event& event : events) {
        if (auto* asked = std::get_if<Request>(&event)) asked->frames = frames(pgwire::Query{"begin"});
    }
    std::vector<Event> other = events;
    for (Event& event : other)
        std::visit(
            [](auto& e) {
                if constexpr (requires { e.session; }) e.session = SessionId(2);
            },
            event);
    std::get<SessionOpened>(other[0]).joined = true;
    const auto matches = match_sessions(sketch(events), sketch(other));
    ASSERT_EQ(matches.size(), 1U);
    EXPECT_FALSE(matches[0].shift);
    EXPECT_FALSE(estimate_offset(sketch(events), sketch(other), matches));
}

TEST(MatchSessions, OtherSessionsDoNotMatch) {
    const SketchBook one = sketch(session(1, 0, 0, 0, 5, 0, "10.0.0.7:4000", 77));
    EXPECT_TRUE(match_sessions(one, sketch(session(2, 0, 0, 0, 5, 0, "10.0.0.7:4001", 77))).empty());
    EXPECT_TRUE(match_sessions(one, sketch(session(2, 0, 0, 0, 5, 0, "10.0.0.7:4000", 78))).empty());
    std::vector<Event> differs = session(2, 0, 0, 0, 5);
    std::get<Request>(differs[1]).frames = frames(pgwire::Query{"other"});
    EXPECT_TRUE(match_sessions(one, sketch(differs)).empty());
    EXPECT_EQ(match_sessions(one, sketch(session(2, 0, 0, 0, 0, 0, "10.0.0.7:4000", 77))).size(), 1U);
}

TEST(MatchSessions, TranslatedAddressesNeedProcessStartUpAndRequests) {
    const auto with_startup = [](std::vector<Event> events) {
        std::get<SessionOpened>(events[0]).identity.startup = {{"user", "shop"}};
        return sketch(events);
    };
    const SketchBook one = with_startup(session(1, 0, 0, 0, 5, 0, "10.0.0.7:4000", 77));
    EXPECT_EQ(match_sessions(one, with_startup(session(2, 0, 0, 0, 5, 0, "192.168.0.1:9", 77))).size(), 1U);
    EXPECT_TRUE(match_sessions(one, with_startup(session(2, 0, 0, 0, 3, 0, "192.168.0.1:9", 77))).empty());
    EXPECT_TRUE(match_sessions(one, sketch(session(2, 0, 0, 0, 5, 0, "192.168.0.1:9", 77))).empty());
}

TEST(Align, GoesThroughOthersAndSaysWhatIsUnknown) {
    std::vector<Event> both = session(2, 500, 0, 0, 5);
    for (Event& event : session(3, 500, 0, 0, 5, 0, "10.0.0.8:1")) both.push_back(event);
    const std::vector<SketchBook> books{sketch(session(1, 0, 0, 0, 5)),
                                        sketch(session(4, 800, 0, 0, 5, 0, "10.0.0.8:1")), sketch(both),
                                        sketch(session(9, 0, 0, 0, 5, 0, "10.0.0.9:1"))};
    const auto alignments = align(books, {{}, {}, {}, {}});
    EXPECT_NEAR(ms(alignments[1].shift), -800, 1e-3);  // through the third
    EXPECT_NEAR(ms(alignments[2].shift), -500, 1e-3);
    EXPECT_TRUE(alignments[1].known);
    EXPECT_FALSE(alignments[3].known);
    EXPECT_EQ(ms(alignments[3].shift), 0);
    const auto given = align(books, {{}, Duration::milliseconds(7), {}, Duration::milliseconds(-3)});
    EXPECT_EQ(ms(given[1].shift), 7);
    EXPECT_EQ(ms(given[3].shift), -3);
    EXPECT_TRUE(given[3].known);
}

TEST(Merge, TheMoreCompleteRecordOfASessionWins) {
    const std::vector<std::vector<Event>> inputs{session(1, 0, 0, 0, 8, 2), session(2, 1000, 0, 0, 8)};
    std::vector<SketchBook> books{sketch(inputs[0]), sketch(inputs[1])};
    const auto plan = plan_merge(books, align(books, {{}, {}}));
    EXPECT_EQ(plan[0].dropped.at(SessionId(1)), SessionId(2));
    EXPECT_TRUE(plan[1].dropped.empty());
    Collector out;
    Merger merger(plan, out);
    merger.on_event(0, CancelSent{SessionId(1), at(3)});
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        for (Event event : inputs[i]) merger.on_event(i, std::move(event));
        merger.on_event(i, Counters{{{"loss.bytes", 1}}, {}});
        merger.on_event(i, Counters{{{"loss.bytes", 2}}, {}});
        merger.on_event(i, CatalogRecord{at(1), "shopdb", "x"});
        merger.end_of_file(i);
    }
    merger.finish();
    EXPECT_EQ(merger.counts().at("merge.sessions_recorded_twice"), 1U);
    EXPECT_EQ(merger.counts().at("merge.events_left_out"), 13U);
    EXPECT_EQ(merger.counts().at("merge.cancels_left_out"), 1U);
    EXPECT_EQ(merger.counts().at("merge.catalogs_left_out"), 1U);
    EXPECT_EQ(merger.counts().at("loss.bytes"), 4U);
    std::size_t requests = 0;
    for (const Event& event : out.events) {
        const auto* asked = std::get_if<Request>(&event);
        if (asked == nullptr) continue;
        EXPECT_EQ(asked->session, SessionId(2));
        EXPECT_NEAR((asked->time - at(10.0 * static_cast<double>(requests++))).to_milliseconds(), 0, 1e-3);
    }
    EXPECT_EQ(requests, 8U);
}

/// Both joined the session, one long after the other: their first requests do not lie beside each other, but it is one
/// connection. Twice would be wrong; what the record that is left out has alone is counted.
TEST(Merge, ASessionThatBothJoinedIsNeverWrittenTwice) {
    const auto plan = [](const std::vector<Event>& a, const std::vector<Event>& b) {
        const std::vector<SketchBook> books{sketch(a), sketch(b)};
        return plan_merge(books, align(books, {std::nullopt, std::nullopt}));
    };
    const auto earlier = session(1, 0, 0, 0, 40, 1);
    const auto inputs = plan(earlier, session(2, 0, 0, 0, 90, 30));
    EXPECT_EQ(inputs[0].dropped.size(), 1U);
    EXPECT_EQ(inputs[0].unaligned, 1U);
    EXPECT_EQ(inputs[0].unaligned_exchanges, 39U);
    EXPECT_TRUE(inputs[1].dropped.empty());

    const auto others = plan(earlier, session(2, 0, 0, 0, 90, 30, "10.0.0.7:4001"));
    EXPECT_TRUE(others[0].dropped.empty() && others[1].dropped.empty());
    const auto later = plan(earlier, session(2, 900'000, 0, 0, 90, 30));
    EXPECT_TRUE(later[0].dropped.empty() && later[1].dropped.empty()) << "the ports are used again";
}

TEST(ShiftTimes, MovesEveryKnownInstant) {
    Event answer = response(1, 0, 5, {result(StepKind::statement, 4)});
    std::get<Response>(answer).results[0].first = {};
    shift_times(answer, Duration::milliseconds(10));
    const auto& moved = std::get<Response>(answer);
    EXPECT_EQ(moved.ready, at(15));
    EXPECT_EQ(moved.results[0].end, at(14));
    EXPECT_FALSE(moved.results[0].first.known());
    SessionState state;
    state.time = at(1);
    StatementInferred inferred;
    inferred.time = at(1);
    for (Event event : {Event(opened(1, 1)), Event(state), Event(closed(1, 1, SessionEnd::refused)),
                        Event(request(1, 0, 1, "")), Event(Gap{SessionId(1), at(1)}),
                        Event(CancelSent{SessionId(1), at(1)}), Event(inferred), Event(CatalogRecord{at(1), "", ""})}) {
        shift_times(event, Duration::milliseconds(10));
        EXPECT_EQ(store::event_time(event), at(11)) << event.index();
    }
}

}  // namespace
}  // namespace understudy::capture
