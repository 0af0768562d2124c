#include "replay/plan/selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/sql/fingerprint.hpp"
#include "replay/plan/session_copies.hpp"
#include "tests/unit/replay/plan/planned_list.hpp"

namespace understudy::replay {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
namespace fe = testing::fe;

class SelectionTest : public ::testing::Test {
protected:
    /// Plays the events; what is handed on is in list_.
    std::string play(const std::vector<Event>& events) {
        Selection selection(options_, list_);
        for (const Event& event : events) {
            selection.on_event(Event(event));
            past_end_ = selection.past_end();
        }
        counts_ = selection.counts();
        return list_.log;
    }
    void read_only() {
        options_.statements.read_only = true;
        options_.statements.functions.add("pg_catalog", "nextval", true);
    }

    SelectionOptions options_;
    PlannedList list_;
    LeftOutCounts counts_;
    bool past_end_ = false;
};

TEST_F(SelectionTest, WithoutAChoiceEverythingPasses) {
    EXPECT_EQ(play({opened(1, 0), state(1, 1), asks(1, 0, 2, fe::query("drop table t")), ready(1, 0, 3), closed(1, 4)}),
              "1 opened; 1 state 0; 1.0 sent; 1 closed");
    EXPECT_THAT(counts_, IsEmpty());
}

TEST_F(SelectionTest, ASampleIsTheSameOnEachRunOfWholeSessionsAndGrowsWithTheShare) {
    std::set<std::uint64_t> tenth;
    std::set<std::uint64_t> half;
    for (std::uint64_t id = 1; id <= 10'000; ++id) {
        if (in_sample(SessionId(id), 0.1)) tenth.insert(id);
        if (in_sample(SessionId(id), 0.5)) half.insert(id);
        EXPECT_TRUE(in_sample(SessionId(id), 1.0));
    }
    EXPECT_NEAR(static_cast<double>(tenth.size()), 1000, 100);
    EXPECT_NEAR(static_cast<double>(half.size()), 5000, 200);
    EXPECT_TRUE(std::includes(half.begin(), half.end(), tenth.begin(), tenth.end()));
    EXPECT_EQ(*tenth.begin(), 10U) << "another sample than that of earlier versions";
}

TEST_F(SelectionTest, SessionsOfOtherUsersAndDatabasesAreLeftOutWhole) {
    options_.users = {"shop", "till"};
    options_.databases = {"db"};
    EXPECT_EQ(
        play({opened(1, 0, "shop"), state(1, 0, "shop"), opened(2, 0, "admin"), state(2, 0, "admin"),
              opened(3, 0, "till", "other"), state(3, 0, "till", "other"), asks(1, 0, 1, fe::query("select 1")),
              asks(2, 0, 1, fe::query("select 1")), asks(3, 0, 1, fe::query("select 1")), closed(2, 2), closed(1, 3)}),
        "1 opened; 1 state 0; 1.0 sent; 1 closed");
    EXPECT_THAT(counts_,
                ElementsAre(Pair("exchanges.session", 2), Pair("sessions.database", 1), Pair("sessions.user", 1)));
}

TEST_F(SelectionTest, AJoinedSessionIsJudgedByTheStateThatKnowsIt) {
    options_.users = {"shop"};
    SessionOpened joined{SessionId(1), ms(0), true, {}};
    EXPECT_EQ(play({joined, state(1, 1), asks(1, 0, 2, fe::query("select 1")),
                    SessionOpened{SessionId(2), ms(3), true, {}}, asks(2, 0, 4, fe::query("select 1"))}),
              "1 opened; 1 state 0; 1.0 sent");
    EXPECT_THAT(counts_, Contains(Pair("sessions.user", 1)));
}

TEST_F(SelectionTest, TheWindowTakesWholeExchangesAndEntersSessionsWithWhatTheyHadPrepared) {
    options_.from = ms(100);
    options_.to = ms(200);
    play({opened(1, 0), state(1, 0), asks(1, 0, 10, fe::parse("s", "select $1") + fe::sync()), ready(1, 0, 11),
          asks(1, 1, 99, fe::query("select 1")), ready(1, 1, 101), asks(1, 2, 110, fe::bind("", "s") + fe::execute()),
          asks(1, 2, 205, fe::sync(), 2), ready(1, 2, 206), asks(1, 3, 207, fe::query("select 2")), opened(2, 150),
          state(2, 151), opened(3, 210), state(3, 210), closed(1, 220)});
    EXPECT_EQ(list_.log, "1 state 2; 1.2 sent; 1.2 sent; 2 opened; 2 state 0");
    const auto states = list_.all<SessionState>();
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(states[0].time, ms(100));
    ASSERT_EQ(states[0].statements.size(), 1U);
    EXPECT_EQ(states[0].statements[0].sql, "select $1");
    EXPECT_EQ(counts_["exchanges.window"], 3U) << "0 and 1 before, 3 after";
    EXPECT_EQ(counts_["sessions.entered_midway"], 1U);
}

TEST_F(SelectionTest, IdleSessionsEnterTheWindowOnceRecordsOfBeforeCanNoLongerCome) {
    options_.from = ms(100);
    EXPECT_EQ(play({opened(1, 0), state(1, 0), opened(2, 0), state(2, 0), closed(2, 50), opened(3, 90), state(3, 90),
                    asks(3, 0, 2099, fe::query("select 1")), opened(4, 2100)}),
              "3 state 0; 3.0 sent; 1 state 0");
    EXPECT_EQ(counts_["sessions.window"], 1U);
}

TEST_F(SelectionTest, TheRestOfATransactionThatBeganBeforeIsLeftOut) {
    options_.from = ms(100);
    EXPECT_EQ(
        play({opened(1, 0), state(1, 0), asks(1, 0, 10, fe::query("begin")), ready(1, 0, 11, 'T'),
              asks(1, 1, 110, fe::query("insert into t values (1)")), ready(1, 1, 111, 'T'),
              asks(1, 2, 120, fe::query("commit")), ready(1, 2, 121, 'I'), asks(1, 3, 130, fe::query("select 1"))}),
        "1 state 1; 1.1 left transaction; 1.2 left transaction; 1.3 sent");
    EXPECT_EQ(counts_["exchanges.transaction"], 2U);
}

TEST_F(SelectionTest, ATransactionThatWasBegunInFlightIsSeenByItsAnswer) {
    options_.from = ms(100);
    EXPECT_EQ(play({opened(1, 0), state(1, 0), asks(1, 0, 99, fe::query("begin")), opened(2, 2200),
                    ready(1, 0, 2201, 'T'), asks(1, 1, 2210, fe::query("select 1"))}),
              "1 state 1; 1.1 left transaction");
}

TEST_F(SelectionTest, ReadingEndsPastTheWindowOnceItsExchangesHaveTheirAnswers) {
    options_.to = ms(100);
    play({opened(1, 0), state(1, 0), asks(1, 0, 90, fe::query("select 1")), opened(2, 5000)});
    EXPECT_FALSE(past_end_);
    play({opened(1, 0), state(1, 0), asks(1, 0, 90, fe::query("select 1")), opened(2, 5000), ready(1, 0, 6000)});
    EXPECT_TRUE(past_end_);
    play({opened(1, 0), state(1, 0), asks(1, 0, 90, fe::query("select 1")), closed(1, 99), opened(2, 1000)});
    EXPECT_FALSE(past_end_) << "records stand within two seconds of the order of time";
}

TEST_F(SelectionTest, WhatUsesALeftOutStatementIsLeftOutToo) {
    read_only();
    EXPECT_EQ(
        play({opened(1, 0), state(1, 0), asks(1, 0, 1, fe::parse("w", "delete from t") + fe::sync()),
              asks(1, 1, 2, fe::parse("r", "select 1") + fe::sync()),
              asks(1, 2, 3, fe::bind("", "w") + fe::execute() + fe::sync()),
              asks(1, 3, 4, fe::bind("", "r") + fe::execute() + fe::sync()),
              asks(1, 4, 5, fe::describe_statement("w") + fe::sync()), asks(1, 5, 6, fe::bind("p", "w") + fe::flush()),
              asks(1, 5, 7, fe::execute("p") + fe::sync(), 1), asks(1, 6, 8, fe::execute("p") + fe::sync()),
              asks(1, 7, 9, fe::parse("w", "select 2") + fe::sync()),
              asks(1, 8, 10, fe::bind("", "w") + fe::execute() + fe::sync())}),
        "1 opened; 1 state 0; 1.0 left read_only; 1.1 sent; 1.2 left read_only; 1.3 sent; 1.4 left read_only; 1.5 "
        "left read_only; 1.5 left read_only; 1.6 left read_only; 1.7 sent; 1.8 sent");
    EXPECT_THAT(counts_, ElementsAre(Pair("exchanges.read_only", 5)));
}

TEST_F(SelectionTest, AnExchangeIsLeftOutWholeIfAnyOfItsStepsIs) {
    read_only();
    EXPECT_EQ(
        play({opened(1, 0), state(1, 0),
              asks(1, 0, 1, fe::parse("good", "select 1") + fe::unnamed("insert into t values (1)") + fe::sync()),
              asks(1, 1, 2, fe::bind("", "good") + fe::execute() + fe::sync()),
              asks(1, 2, 3, fe::query("select 1; delete from t; select 2")),
              asks(1, 3, 4, fe::query("copy t from stdin")), asks(1, 3, 5, fe::copy_data("1") + fe::copy_done()),
              asks(1, 4, 6, fe::query("select 3"))}),
        "1 opened; 1 state 0; 1.0 left read_only; 1.1 left read_only; 1.2 left read_only; 1.3 left read_only; 1.3 left "
        "read_only; 1.4 sent");
}

TEST_F(SelectionTest, SqlsOwnPreparedStatementsAndCursorsAreFollowed) {
    read_only();
    EXPECT_EQ(
        play({opened(1, 0), state(1, 0), asks(1, 0, 1, fe::query("prepare w as delete from t")),
              asks(1, 1, 2, fe::query("execute w")), asks(1, 2, 3, fe::query("prepare r as select 1")),
              asks(1, 3, 4, fe::query("execute r")), asks(1, 4, 5, fe::query("begin")),
              asks(1, 5, 6, fe::query("declare c cursor for select nextval('s')")),
              asks(1, 6, 7, fe::query("fetch forward 3 from c")), asks(1, 7, 8, fe::query("close c")),
              asks(1, 8, 9, fe::query("commit")), asks(1, 9, 10, fe::bind("", "w") + fe::execute() + fe::sync())}),
        "1 opened; 1 state 0; 1.0 left read_only; 1.1 left read_only; 1.2 sent; 1.3 sent; 1.4 sent; 1.5 left "
        "read_only; "
        "1.6 left read_only; 1.7 left read_only; 1.8 sent; 1.9 left read_only");
}

TEST_F(SelectionTest, FunctionCallsAndMessagesThatCannotBeJudgedAreLeftOut) {
    read_only();
    const Bytes query = fe::query("select '" + Bytes(100, 'x') + "'");
    EXPECT_EQ(
        play({opened(1, 0), state(1, 0), asks(1, 0, 1, fe::function_call(1598)), asks(1, 1, 2, query.substr(0, 50)),
              asks(1, 1, 2, query.substr(50)), asks(1, 2, 3, fe::query("select 1"))}),
        "1 opened; 1 state 0; 1.0 left function_call; 1.1 left too_long; 1.1 left too_long; 1.2 sent");
}

TEST_F(SelectionTest, ReadOnlySessionsBeginReadOnlyAndNothingEntersThemOtherwise) {
    read_only();
    options_.from = ms(100);
    SessionState before = std::get<SessionState>(state(1, 0));
    before.settings = {{"default_transaction_read_only", "off"}, {"TimeZone", "UTC"}};
    before.statements = {{"w", "delete from t", {}}, {"r", "select 1", {}}};
    play({opened(1, 0), before, asks(1, 0, 120, fe::bind("", "w") + fe::execute() + fe::sync())});
    EXPECT_EQ(list_.log, "1 state 0; 1.0 left read_only");
    const SessionState entered = list_.all<SessionState>().at(0);
    using Setting = std::pair<Bytes, Bytes>;
    EXPECT_THAT(entered.identity.startup, ElementsAre(Setting("default_transaction_read_only", "on")));
    EXPECT_THAT(entered.settings, ElementsAre(Setting("TimeZone", "UTC")));
    ASSERT_EQ(entered.statements.size(), 1U);
    EXPECT_EQ(entered.statements[0].name, "r");
}

TEST_F(SelectionTest, FingerprintsAndTablesLetTransactionsAndSettingsThrough) {
    options_.statements.fingerprints = {sql::fingerprint("select * from item where id = 7").value};
    EXPECT_EQ(play({opened(1, 0), state(1, 0), asks(1, 0, 1, fe::query("begin; set work_mem = '1MB'")),
                    asks(1, 1, 2, fe::query("select * from item where id = 1")),
                    asks(1, 2, 3, fe::query("select * from item")), asks(1, 3, 4, fe::query("commit")),
                    asks(1, 4, 5, fe::query("select * from item where id = 1; select 2"))}),
              "1 opened; 1 state 0; 1.0 sent; 1.1 sent; 1.2 left fingerprint; 1.3 sent; 1.4 left fingerprint");
    options_.statements.fingerprints.clear();
    options_.statements.tables = {TableName::parse("item").value(), TableName::parse("Audit.\"Log\"").value()};
    list_.log.clear();
    EXPECT_EQ(play({opened(1, 0), state(1, 0), asks(1, 0, 1, fe::query("insert into shop.item values (1)")),
                    asks(1, 1, 2, fe::query("select 1 from audit.\"Log\"")),
                    asks(1, 2, 3, fe::query("select 1 from billing.\"Log\"")), asks(1, 3, 4, fe::query("select 1")),
                    asks(1, 4, 5, fe::query("rollback"))}),
              "1 opened; 1 state 0; 1.0 sent; 1.1 sent; 1.2 left table; 1.3 left table; 1.4 sent");
}

TEST_F(SelectionTest, WhatAnEarlierReplayHasAnsweredIsNotReplayedAgain) {
    auto points = std::make_shared<ResumePoints>();
    for (const Event& event :
         {opened(1, 0), ready(1, 0, 1), ready(1, 1, 2, 'T'), ready(1, 2, 3, 'T'), opened(2, 0), ready(2, 0, 3),
          closed(2, 4), opened(4, 0),
          Event(SessionClosed{SessionId(1), ms(5), SessionEnd::failed, {}, "the replay was stopped"})}) {
        points->on_event(event);
    }
    EXPECT_EQ(points->done(SessionId(1)), 1U) << "a transaction that was open begins anew";
    EXPECT_EQ(points->exchanges(), 2U);
    EXPECT_TRUE(points->keeps(ready(1, 0, 1)));
    EXPECT_FALSE(points->keeps(ready(1, 1, 2)));
    EXPECT_TRUE(points->keeps(opened(1, 0)));
    EXPECT_FALSE(points->keeps(opened(4, 0))) << "it begins anew as a whole";
    EXPECT_FALSE(points->keeps(closed(1, 5)));
    EXPECT_TRUE(points->keeps(closed(2, 4)));
    options_.done = points;
    EXPECT_EQ(play({opened(1, 0), state(1, 0), opened(2, 0), state(2, 0),
                    asks(1, 0, 10, fe::parse("s", "select 1") + fe::sync()), ready(1, 0, 11),
                    asks(2, 0, 12, fe::query("select 1")), ready(2, 0, 13), asks(1, 1, 14, fe::query("begin")),
                    opened(3, 15), state(3, 15), asks(3, 0, 16, fe::query("select 3")), closed(2, 17)}),
              "1 opened; 1 state 1; 1.1 sent; 3 opened; 3 state 0; 3.0 sent");
    const SessionState entered = list_.all<SessionState>().at(0);
    ASSERT_EQ(entered.statements.size(), 1U);
    EXPECT_EQ(entered.statements[0].name, "s");
    EXPECT_EQ(counts_["exchanges.done"], 1U);
    EXPECT_EQ(counts_["sessions.done"], 1U);
}

TEST(TableName, WhatIsNoTableIsRefused) {
    for (const char* text : {"", "a.b.c", "a.", ".a", "a b", "1"}) EXPECT_FALSE(TableName::parse(text)) << text;
}

TEST(SessionCopies, EachSessionRunsSoOftenUnderIdsOfItsOwnThatAreTheSameOnEachRun) {
    PlannedList list;
    SessionCopies copies(3, list);
    for (const Event& event : {opened(1, 0), state(1, 1), asks(1, 0, 2, fe::query("select 1")), closed(1, 3)}) {
        copies.on_planned({Event(event), {}, false});
    }
    std::set<std::uint64_t> ids;
    for (const Request& request : list.all<Request>()) {
        ids.insert(request.session.value());
        EXPECT_EQ(request.ordinal, Ordinal(0));
        EXPECT_EQ(request.frames, fe::query("select 1"));
    }
    EXPECT_EQ(ids, (std::set<std::uint64_t>{1, copy_of(SessionId(1), 1).value(), copy_of(SessionId(1), 2).value()}));
    EXPECT_EQ(ids.size(), 3U);
    EXPECT_EQ(list.all<SessionClosed>().size(), 3U);
    EXPECT_EQ(list.all<SessionOpened>()[0].identity.client, "10.0.0.7:5 copy 2");
    EXPECT_EQ(list.all<SessionOpened>()[2].identity.client, "10.0.0.7:5");
}

}  // namespace
}  // namespace understudy::replay
