#include <gtest/gtest.h>

#include <algorithm>

#include "app/edit/exchange_choice.hpp"
#include "core/sql/fingerprint.hpp"
#include "tests/unit/app/inspect/events.hpp"

// The choice of exchanges and the cutter together: events in, events out.
namespace understudy::app::edit {
namespace {

using namespace inspect;

struct Collector final : EventSink {
    void on_event(Event&& event) override { events.push_back(std::move(event)); }
    std::vector<Event> events;
};

struct Cut {
    std::vector<Event> events;
    std::map<std::string, std::uint64_t> counts;

    template <class Kind>
    [[nodiscard]] std::vector<Kind> all() const {
        std::vector<Kind> found;
        for (const Event& event : events) {
            if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
        }
        return found;
    }
    [[nodiscard]] std::vector<std::string> kinds(std::uint64_t session) const {
        std::vector<std::string> found;
        for (const Event& event : events) {
            const auto name = [&](const auto& one, const char* kind) {
                if (one.session == SessionId(session)) found.emplace_back(kind);
            };
            if (const auto* e = std::get_if<SessionOpened>(&event)) name(*e, "opened");
            if (const auto* e = std::get_if<SessionState>(&event)) name(*e, "state");
            if (const auto* e = std::get_if<SessionClosed>(&event)) {
                name(*e, e->end == SessionEnd::still_open ? "open" : "closed");
            }
            if (const auto* e = std::get_if<Request>(&event)) {
                name(*e, ("ask" + std::to_string(e->ordinal.value())).c_str());
            }
            if (const auto* e = std::get_if<Response>(&event)) name(*e, "answer");
            if (const auto* e = std::get_if<Gap>(&event)) name(*e, "gap");
        }
        return found;
    }
};
using Kinds = std::vector<std::string>;

/// `files`: the capture's events, file by file.
Cut cut(const std::vector<std::vector<Event>>& files, FilterOptions options) {
    StepFilter filter(std::move(options));
    ExchangeChoice choice(filter);
    for (const auto& file : files) {
        for (const Event& event : file) choice.on_event(event);
    }
    const capture::CutPlan plan = choice.plan().value();
    Collector out;
    capture::Cutter cutter(plan, out);
    for (const auto& file : files) {
        for (Event event : file) cutter.on_event(std::move(event));
        cutter.end_of_file();
    }
    cutter.finish();
    return {std::move(out.events), cutter.counts()};
}

SessionState ready(std::uint64_t session, double ms) {
    SessionState state;
    state.session = SessionId(session);
    state.time = at(ms);
    state.complete = true;
    state.identity = opened(session, ms).identity;
    state.transaction_status = 'I';
    return state;
}

/// Prepares "s", uses it twice (the second time in vain), closes it, fails once more.
std::vector<Event> prepared_session(std::uint64_t session, double start) {
    const auto failed = error(StepKind::execute, start + 41, "40001");
    return {
        opened(session, start),
        ready(session, start + 1),
        request(session, 0, start + 10, frames(parse("s", "select $1"), pgwire::Sync{})),
        response(session, 0, start + 11, {result(StepKind::parse, start + 11)}),
        request(session, 1, start + 20, frames(bind("", "s"), execute(""), pgwire::Sync{})),
        response(session, 1, start + 21,
                 {result(StepKind::bind, start + 21), result(StepKind::execute, start + 21, "SELECT 1", 1)}),
        request(session, 2, start + 40, frames(bind("", "s"), execute(""), pgwire::Sync{})),
        response(session, 2, start + 41, {result(StepKind::bind, start + 41), failed}),
        request(session, 3, start + 50, frames(pgwire::Close{pgwire::Target::statement, "s"}, pgwire::Sync{})),
        response(session, 3, start + 51, {result(StepKind::close, start + 51)}),
        request(session, 4, start + 60, frames(pgwire::Query{"selekt"})),
        response(session, 4, start + 61, {error(StepKind::statement, start + 61, "42601")}),
        closed(session, start + 70, SessionEnd::terminate),
    };
}

TEST(Cut, WithoutAFilterEverythingIsKept) {
    const std::vector<Event> events = prepared_session(1, 0);
    Cut all = cut({events}, {});
    const auto counters = all.all<Counters>();
    ASSERT_EQ(counters.size(), 1U);
    EXPECT_EQ(counters[0].values.at("cut.exchanges_kept"), 5U);
    all.events.pop_back();
    EXPECT_EQ(all.events, events);
}

TEST(Cut, ASessionEntersAtTheWindowsStartWithWhatWasPreparedBefore) {
    FilterOptions options;
    options.from = TimeOption::parse("15ms").value();
    options.to = TimeOption::parse("45ms").value();
    const Cut part = cut({prepared_session(1, 0)}, options);
    EXPECT_EQ(part.kinds(1), (Kinds{"state", "ask1", "answer", "ask2", "answer", "open"}));
    const SessionState state = part.all<SessionState>()[0];
    EXPECT_EQ(state.time, at(15));
    EXPECT_EQ(state.next_ordinal, Ordinal(1));
    EXPECT_TRUE(state.complete);
    EXPECT_EQ(state.identity.user, "shop");
    ASSERT_EQ(state.statements.size(), 1U);
    EXPECT_EQ(state.statements[0].sql, "select $1");
    EXPECT_EQ(part.counts.at("cut.exchanges_kept"), 2U);
    EXPECT_EQ(part.counts.at("cut.exchanges_left_out"), 3U);
    EXPECT_EQ(part.counts.at("cut.sessions_entered_midway"), 1U);
    EXPECT_EQ(part.counts.count("cut.sessions_entered_in_transaction"), 0U);
}

TEST(Cut, AnExchangeThatBeganInTheWindowIsKeptToItsEnd) {
    FilterOptions options;
    options.from = TimeOption::parse("20ms").value();
    options.to = TimeOption::parse("20.5ms").value();
    EXPECT_EQ(cut({prepared_session(1, 0)}, options).kinds(1), (Kinds{"state", "ask1", "answer", "open"}));
}

TEST(Cut, ErrorsOnlyRepeatsTheStateWhereWhatIsLeftOutChangedIt) {
    FilterOptions options;
    options.errors = true;
    const Cut failed = cut({prepared_session(1, 0)}, options);
    EXPECT_EQ(failed.kinds(1),
              (Kinds{"opened", "state", "state", "ask2", "answer", "state", "ask4", "answer", "closed"}));
    const auto states = failed.all<SessionState>();
    ASSERT_EQ(states[1].statements.size(), 1U);
    EXPECT_EQ(states[1].next_ordinal, Ordinal(2));
    EXPECT_TRUE(states[2].statements.empty());
    EXPECT_EQ(failed.counts.at("cut.states_repeated"), 2U);
}

TEST(Cut, ByFingerprintWhateverPreparedIt) {
    FilterOptions options;
    options.fingerprint = sql::fingerprint("select $1").value;
    EXPECT_EQ(
        cut({prepared_session(1, 0)}, options).kinds(1),
        (Kinds{"opened", "state", "ask0", "answer", "ask1", "answer", "ask2", "answer", "ask3", "answer", "closed"}));
    options.fingerprint = sql::fingerprint("select 1 from other").value;
    EXPECT_TRUE(cut({prepared_session(1, 0)}, options).kinds(1).empty());
}

TEST(Cut, ByUserAndSession) {
    std::vector<Event> events = prepared_session(1, 0);
    events.push_back(opened(2, 100, "eve"));
    events.push_back(request(2, 0, 101, frames(pgwire::Query{"select 1"})));
    events.push_back(response(2, 0, 102, {result(StepKind::statement, 102, "SELECT 1", 1)}));
    events.push_back(Gap{SessionId(1), at(103)});
    FilterOptions eve;
    eve.user = "eve";
    const Cut hers = cut({events}, eve);
    EXPECT_TRUE(hers.kinds(1).empty());
    EXPECT_EQ(hers.kinds(2), (Kinds{"opened", "ask0", "answer", "open"}));
    EXPECT_EQ(hers.counts.at("cut.exchanges_left_out"), 5U);
    EXPECT_EQ(hers.counts.at("cut.sessions_left_out"), 1U);
    EXPECT_EQ(hers.counts.at("cut.gaps_left_out"), 1U);
    FilterOptions one;
    one.sessions = {SessionId(1)};
    EXPECT_TRUE(cut({events}, one).kinds(2).empty());
    FilterOptions none;
    none.database = "other";
    EXPECT_EQ(cut({events}, none).events.size(), 1U);  // the counters
}

TEST(Cut, AUserWhoIsKnownLateIsKnown) {
    SessionState joined = ready(1, 0);
    joined.identity = {};
    joined.complete = false;
    SessionState identified = ready(1, 30);
    identified.identity.identified = true;
    identified.complete = false;
    FilterOptions options;
    options.user = "shop";
    const Cut part =
        cut({{joined, request(1, 0, 10, frames(pgwire::Query{"select 1"})),
              response(1, 0, 11, {result(StepKind::statement, 11)}), identified, closed(1, 40, SessionEnd::terminate)}},
            options);
    EXPECT_EQ(part.kinds(1), (Kinds{"state", "ask0", "answer", "state", "closed"}));
    EXPECT_EQ(part.all<SessionState>()[1].identity.user, "shop");
}

TEST(Cut, RotatedFilesAreOneCapture) {
    std::vector<Event> first = prepared_session(1, 0);
    std::vector<Event> second(first.begin() + 6, first.end());
    first.resize(6);
    first.push_back(closed(1, 22, SessionEnd::still_open));
    first.push_back(Counters{{{"loss.bytes", 2}}, {}});
    SessionState again = ready(1, 22);
    again.next_ordinal = Ordinal(2);
    again.statements = {{"s", "select $1", {}}};
    second.insert(second.begin(), again);
    second.push_back(Counters{{{"loss.bytes", 1}}, {}});
    second.push_back(Counters{{{"loss.bytes", 3}}, {}});
    FilterOptions options;
    options.from = TimeOption::parse("30ms").value();
    const Cut part = cut({first, second}, options);
    EXPECT_EQ(part.kinds(1), (Kinds{"state", "ask2", "answer", "ask3", "answer", "ask4", "answer", "closed"}));
    EXPECT_EQ(part.counts.at("source.loss.bytes"), 5U);
    options.from = TimeOption::parse("8ms").value();  // from its own start
    const Cut alone = cut({second}, options);
    EXPECT_EQ(alone.all<SessionState>()[0].statements.size(), 1U);
    EXPECT_EQ(alone.all<Request>(), part.all<Request>());
}

TEST(Cut, AnExchangeWhoseBeginningIsMissingIsLeftOut) {
    std::vector<Event> events{request(1, 3, 10, frames(execute("")), 2), response(1, 3, 11, {}),
                              request(1, 4, 20, frames(pgwire::Query{"select 1"}))};
    StepFilter filter({});
    ExchangeChoice choice(filter);
    for (const Event& event : events) choice.on_event(event);
    EXPECT_EQ(choice.without_beginning(), 1U);
    EXPECT_EQ(cut({events}, {}).all<Request>().size(), 1U);
}

TEST(Cut, IdleConnectionsInTheWindowStay) {
    const std::vector<Event> events{opened(1, 0), ready(1, 1), closed(1, 10, SessionEnd::terminate)};
    EXPECT_EQ(cut({events}, {}).kinds(1), (Kinds{"opened", "state", "closed"}));
    FilterOptions errors;
    errors.errors = true;
    EXPECT_TRUE(cut({events}, errors).kinds(1).empty());
    FilterOptions later;
    later.from = TimeOption::parse("5ms").value();
    EXPECT_TRUE(cut({events}, later).kinds(1).empty());
}

TEST(Cut, EnteringATransactionIsSaid) {
    std::vector<Event> events{opened(1, 0), ready(1, 1), request(1, 0, 2, frames(pgwire::Query{"begin"})),
                              response(1, 0, 3, {result(StepKind::statement, 3, "BEGIN")}),
                              request(1, 1, 20, frames(pgwire::Query{"select 1"}))};
    std::get<Response>(events[3]).transaction_status = 'T';
    FilterOptions options;
    options.from = TimeOption::parse("10ms").value();
    const Cut part = cut({events}, options);
    EXPECT_EQ(part.counts.at("cut.sessions_entered_in_transaction"), 1U);
    EXPECT_EQ(part.all<SessionState>()[0].transaction_status, 'T');
}

}  // namespace
}  // namespace understudy::app::edit
