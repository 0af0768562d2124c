#include <gtest/gtest.h>

#include <set>

#include "tests/unit/replay/order/history.hpp"

namespace understudy::replay {
namespace {

TEST(OrderPlanner, AReadComesAfterTheCommitThatItSaw) {
    History history;
    history.ask(1, 0, "update accounts set balance = 1 where id = 5").answer(1, 3, "UPDATE 1");
    history.ask(2, 5, "select balance from accounts where id = 5").answer(2, 6, "SELECT 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.0");
    EXPECT_EQ(history.ambiguous(), "");
}

TEST(OrderPlanner, OtherRowsAndOtherTablesDoNotWait) {
    History history;
    history.ask(1, 0, "update accounts set balance = 1 where id = 5").answer(1, 3, "UPDATE 1");
    history.ask(2, 5, "select balance from accounts where id = 6").answer(2, 6, "SELECT 1");
    history.ask(2, 7, "select note from orders where id = 5").answer(2, 8, "SELECT 1");
    EXPECT_EQ(history.plan(), "");
}

TEST(OrderPlanner, ACommitComesAfterThoseWhoDidNotSeeIt) {
    History history;
    history.ask(2, 0, "select balance from accounts where id = 5").answer(2, 1, "SELECT 1");
    history.ask(1, 2, "begin").answer(1, 3, "BEGIN");
    history.ask(1, 4, "update accounts set balance = 1 where id = 5").answer(1, 5, "UPDATE 1");
    history.ask(2, 6, "select balance from accounts where id = 5").answer(2, 7, "SELECT 1");
    history.ask(1, 8, "commit").answer(1, 9, "COMMIT");
    EXPECT_EQ(history.plan(), "1.2 after 2.1/1");
}

TEST(OrderPlanner, WhatOverlapsACommitIsAmbiguousAndTakenToComeFirst) {
    History history;
    history.ask(1, 0, "update accounts set balance = 1 where id = 5");
    history.ask(2, 1, "select balance from accounts where id = 5").answer(2, 2, "SELECT 1");
    history.answer(1, 3, "UPDATE 1");
    EXPECT_EQ(history.plan(), "1.0 after 2.0/1?");
    EXPECT_EQ(history.ambiguous(), "2.0");
}

TEST(OrderPlanner, LocksAreAskedForInTheOrderInWhichTheyWereGranted) {
    History history;
    history.ask(1, 0, "begin").answer(1, 1, "BEGIN");
    history.ask(2, 0, "begin").answer(2, 1, "BEGIN");
    history.ask(2, 2, "select * from accounts where id = 5 for update");  // waits for the other, who asked later
    history.ask(1, 3, "select * from accounts where id = 5 for update").answer(1, 4, "SELECT 1");
    history.ask(1, 5, "commit").answer(1, 6, "COMMIT");
    history.answer(2, 7, "SELECT 1");
    EXPECT_EQ(history.plan(), "2.1 after 1.1/1!");
}

TEST(OrderPlanner, LocksThatDoNotConflictDoNotWait) {
    History history;
    history.ask(1, 0, "select * from accounts where id = 5 for share").answer(1, 1, "SELECT 1");
    history.ask(2, 2, "select * from accounts where id = 5 for share").answer(2, 3, "SELECT 1");
    EXPECT_EQ(history.plan(), "");
}

TEST(OrderPlanner, AChildLocksItsParentsKey) {
    History history;
    history.ask(1, 0, "begin").answer(1, 1, "BEGIN");
    history.ask(1, 2, "select * from accounts where id = 5 for update").answer(1, 3, "SELECT 1");
    history.ask(2, 4, "insert into orders (account_id, note) values (5, 'x')");
    history.ask(3, 4, "insert into orders (account_id, note) values (6, 'x')").answer(3, 5, "INSERT 0 1");
    history.ask(1, 6, "commit").answer(1, 7, "COMMIT");
    history.answer(2, 8, "INSERT 0 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.1/1");
}

TEST(OrderPlanner, AnUpdateOfOtherColumnsDoesNotHoldUpChildren) {
    History history;
    history.ask(1, 0, "update accounts set balance = 1 where id = 5").answer(1, 1, "UPDATE 1");
    history.ask(2, 2, "begin").answer(2, 2, "BEGIN");
    history.ask(2, 3, "insert into orders (account_id, note) values (5, 'x')").answer(2, 4, "INSERT 0 1");
    history.ask(1, 5, "update accounts set balance = 2 where id = 5").answer(1, 6, "UPDATE 1");
    EXPECT_EQ(history.plan(), "2.1 after 1.0") << "only what it reads there, not the lock: 1.1 does not wait for 2.1";
}

TEST(OrderPlanner, WhoUsesAGeneratedKeyComesAfterWhoeverGotIt) {
    History history;
    history.ask(1, 0, "insert into accounts (owner) values ('eve') returning id").answer(1, 1, "INSERT 0 1");
    StepResult& result = history.last_result();
    result.rows = 1;
    Bytes description("\0\1id\0", 5);
    description += Bytes(18, '\0');
    result.row_description = description;
    Bytes scratch;
    const auto id = pgwire::canonical_value(23, 0, "17", scratch);
    result.digest.cells = {testing::test_digester().cell(id.value_class, id.bytes)};
    history.ask(2, 2, "select balance from accounts where id = 17").answer(2, 3, "SELECT 1");
    history.ask(3, 2, "select balance from accounts where id = 18").answer(3, 3, "SELECT 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.0");
}

TEST(OrderPlanner, AnUnknownGeneratedKeyMayBeAny) {
    History history;
    history.ask(1, 0, "insert into accounts (owner) values ('eve')").answer(1, 1, "INSERT 0 1");
    history.ask(2, 2, "select balance from accounts where id = 17").answer(2, 3, "SELECT 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.0");
}

TEST(OrderPlanner, RowsAreTheSameByWhicheverKeyTheyAreNamed) {
    History history;
    history.ask(1, 0, "update accounts set balance = 1 where owner = 'eve'").answer(1, 1, "UPDATE 1");
    history.ask(2, 2, "select balance from accounts where id = 17").answer(2, 3, "SELECT 1");
    history.ask(3, 2, "select balance from accounts where owner = 'bob'").answer(3, 3, "SELECT 1");
    history.ask(4, 2, "select balance from accounts where owner = 'eve'").answer(4, 3, "SELECT 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.0; 4.0 after 1.0");
}

TEST(OrderPlanner, RolledBackWritesAreSeenByNobodyButTheirLocksAreWaitedFor) {
    History history;
    history.ask(1, 0, "begin").answer(1, 1, "BEGIN");
    history.ask(1, 2, "update accounts set balance = 1 where id = 5").answer(1, 3, "UPDATE 1");
    history.ask(1, 4, "rollback").answer(1, 5, "ROLLBACK");
    history.ask(2, 6, "select balance from accounts where id = 5").answer(2, 7, "SELECT 1");
    history.ask(3, 6, "select * from accounts where id = 5 for update nowait").answer(3, 7, "SELECT 1");
    EXPECT_EQ(history.plan(), "3.0 after 1.2/1");
}

TEST(OrderPlanner, ASnapshotThatIsKeptIsTakenByTheFirstStatement) {
    History history;
    history.ask(1, 0, "begin isolation level repeatable read").answer(1, 1, "BEGIN");
    history.ask(1, 2, "select 1 from jobs where id = 1").answer(1, 3, "SELECT 1");
    history.ask(2, 4, "update accounts set balance = 1 where id = 5").answer(2, 5, "UPDATE 1");
    history.ask(1, 6, "select balance from accounts where id = 5").answer(1, 7, "SELECT 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.1/1") << "and 1.2 does not see 2.0";
}

Bytes bind_read(const Bytes& portal) {
    Bytes frames = pgwire::encode_frontend(pgwire::Parse{"", "select balance from accounts where id = $1", {23}});
    pgwire::encode_frontend_to(frames, pgwire::Bind{portal, "", {}, {Bytes("5")}, {}});
    return frames;
}

TEST(OrderPlanner, APortalsSnapshotIsThatOfItsBind) {
    History history;
    history.frames(1, 0, bind_read("p") + pgwire::encode_frontend(pgwire::Flush{})).partly(1, 1, {"", ""}, 0);
    history.ask(2, 2, "update accounts set balance = 1 where id = 5").answer(2, 3, "UPDATE 1");
    history.frames(1, 4, pgwire::encode_frontend(pgwire::Execute{"p", 0}) + pgwire::encode_frontend(pgwire::Sync{}), 2)
        .answer(1, 5, {"SELECT 1"}, 2);
    EXPECT_EQ(history.plan(), "2.0 after 1.0/2") << "bound before the update: neither sees it nor waits for it";
}

TEST(OrderPlanner, CommitModeWaitsForEveryCommitBefore) {
    History history(SyncMode::commit);
    history.ask(1, 0, "update accounts set balance = 1 where id = 5").answer(1, 1, "UPDATE 1");
    history.ask(2, 2, "select 1").answer(2, 3, "SELECT 1");
    history.ask(3, 4, "select note from orders where id = 7").answer(3, 5, "SELECT 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.0; 3.0 after 1.0") << "a read is no commit";
}

TEST(OrderPlanner, WhatMayDoAnythingWaitsForAllAndAllWaitForIt) {
    History history;
    history.ask(1, 0, "select note from orders where id = 7").answer(1, 1, "SELECT 1");
    history.ask(2, 2, "do $$ begin perform 1; end $$").answer(2, 3, "DO");
    history.ask(3, 4, "select note from orders where id = 8").answer(3, 5, "SELECT 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.0; 3.0 after 2.0/1");
}

TEST(OrderPlanner, ABatchWaitsStatementByStatement) {
    Bytes batch = pgwire::encode_frontend(pgwire::Parse{"s", "update accounts set balance = 0 where id = $1", {23}});
    for (const char* id : {"1", "2", "3"}) {
        pgwire::encode_frontend_to(batch, pgwire::Bind{"", "s", {}, {Bytes(id)}, {}});
        pgwire::encode_frontend_to(batch, pgwire::Execute{"", 0});
    }
    pgwire::encode_frontend_to(batch, pgwire::Sync{});
    History history;
    history.ask(1, 0, "update accounts set balance = 1 where id = 2").answer(1, 1, "UPDATE 1");
    history.frames(2, 2, batch).answer(2, 5, {"", "", "UPDATE 1", "", "UPDATE 1", "", "UPDATE 1"});
    EXPECT_EQ(history.plan(true), "1.0; 2.0; 2.0 after 1.0; 2.0 after 1.0/1");
}

/// counters' rows are kept by a trigger of orders, by the order's note.
catalog::Catalog with_trigger() {
    catalog::Catalog shop = shop_catalog();
    catalog::Function function;
    function.oid = 77;
    function.name = "count_orders";
    function.touches_known = true;
    function.touches = {{"public", "counters", true, false, {{"name", "note", false}}}};
    shop.functions.push_back(function);
    catalog::Trigger trigger;
    trigger.relation = 2;
    trigger.function = 77;
    trigger.type = 1U | 4U;  // for each row, on insert
    shop.triggers.push_back(trigger);
    return shop;
}

TEST(OrderPlanner, ATriggerLocksTheRowThatTheWrittenRowTells) {
    History history(SyncMode::strict, with_trigger());
    history.ask(1, 0, "insert into orders (account_id, note) values (1, 'a')").answer(1, 1, "INSERT 0 1");
    history.ask(2, 2, "insert into orders (account_id, note) values (2, 'b')").answer(2, 3, "INSERT 0 1");
    history.ask(3, 4, "insert into orders (account_id, note) values (3, 'a')").answer(3, 5, "INSERT 0 1");
    history.ask(4, 6, "delete from orders where id = 1").answer(4, 7, "DELETE 1");
    EXPECT_EQ(history.plan(), "3.0 after 1.0; 4.0 after 1.0 2.0 3.0") << "an insert's trigger alone";
}

TEST(OrderPlanner, WhoHoldsALockAfterAnotherWasAnsweredGotItAfterThat) {
    History history;
    history.ask(1, 0, "begin").answer(1, 1, "BEGIN");
    history.ask(2, 2, "update accounts set balance = 2 where id = 5");
    history.ask(1, 3, "update accounts set balance = 1 where id = 5").answer(1, 10, "UPDATE 1");
    history.answer(2, 11, "UPDATE 1");
    history.ask(1, 20, "commit").answer(1, 21, "COMMIT");
    EXPECT_EQ(history.plan(), "1.1 after 2.0/1!") << "2 committed by itself before its answer left";
    EXPECT_EQ(history.ambiguous(), "");
}

TEST(OrderPlanner, OneWhoCameTooEarlyInAPipelineDoesNotTakeTheOthersGrantAway) {
    History history;
    history.ask(1, 0, "begin").answer(1, 1, "BEGIN").ask(2, 0, "begin").answer(2, 1, "BEGIN");
    history.ask(3, 2, "select 1").ask_ahead(3, 2, "update accounts set balance = 3 where balance > 7");
    history.ask(1, 3, "update accounts set balance = 1 where id = 7").ask(2, 4, "update accounts set balance = 2 where id = 5");
    history.answer(1, 6, "UPDATE 1").answer(3, 8, "SELECT 1").answer(2, 9, "UPDATE 1").answer(3, 10, "UPDATE 1");
    EXPECT_EQ(history.plan(), "3.1 after 1.1/1; 2.1 after 3.1/1?") << "1 was answered before 3 began";
}

TEST(OrderPlanner, WhoWasAnsweredWhileTheOtherAskedToCommitGotTheLockThen) {
    History history;
    history.ask(1, 0, "begin").answer(1, 1, "BEGIN");
    history.ask(2, 2, "update accounts set balance = 2 where id = 5");
    history.ask(1, 3, "update accounts set balance = 1 where id = 5").answer(1, 10, "UPDATE 1");
    history.ask(1, 20, "commit");
    history.answer(2, 21, "UPDATE 1").answer(1, 22, "COMMIT");
    EXPECT_EQ(history.plan(), "2.0 after 1.1/1?");
}

TEST(OrderPlanner, TwoWhoCommitByThemselvesAndAreAnsweredAtOnceAreAmbiguous) {
    History history;
    history.ask(1, 0, "update accounts set balance = 1 where id = 5");
    history.ask(2, 1, "update accounts set balance = 2 where id = 5");
    history.answer(1, 10, "UPDATE 1").answer(2, 10, "UPDATE 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.0/1?");
    EXPECT_EQ(history.ambiguous(), "1.0 2.0");
}

TEST(OrderPlanner, GivingUpAnAdvisoryLockWaitsForNobody) {
    History history;
    history.ask(1, 0, "select pg_advisory_lock(3)").answer(1, 1, "SELECT 1");
    history.ask(2, 2, "select pg_advisory_lock(3)");
    history.ask(1, 10, "select pg_advisory_unlock(3)");
    history.answer(2, 11, "SELECT 1").answer(1, 12, "SELECT 1");
    history.ask(3, 20, "select pg_try_advisory_lock(3)").answer(3, 21, "SELECT 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.0; 3.0 after 2.0");
}

TEST(OrderPlanner, WhatACursorShowsIsAsOpenAsWhatItsDeclareSaw) {
    History history;
    history.ask(1, 0, "begin").answer(1, 1, "BEGIN");
    history.ask(2, 2, "update accounts set balance = 1 where id = 5");
    history.ask(1, 3, "declare c cursor for select * from accounts").answer(1, 4, "DECLARE CURSOR");
    history.ask(1, 5, "fetch 1 from c").answer(1, 6, "FETCH 1");
    history.answer(2, 7, "UPDATE 1");
    history.ask(1, 8, "fetch 1 from c").answer(1, 9, "FETCH 1");
    history.ask(1, 10, "commit").answer(1, 11, "COMMIT");
    history.plan();
    EXPECT_EQ(history.ambiguous(), "1.1 1.2 1.3");
}

TEST(OrderPlanner, ACommitComesAfterEarlierReadsOfASessionThatReadsAgain) {
    History history;
    history.ask(1, 0, "select balance from accounts where id = 5").answer(1, 1, "SELECT 1");
    history.ask(2, 2, "update accounts set balance = 1 where id = 5");
    history.ask(1, 3, "select balance from accounts where id = 5").answer(1, 4, "SELECT 1");
    history.answer(2, 5, "UPDATE 1");
    EXPECT_EQ(history.plan(), "2.0 after 1.0/1 1.1/1?");
    EXPECT_EQ(history.ambiguous(), "1.1");
}

TEST(OrderPlanner, ARequestThatIsAnsweredTooLateIsPlacedByWhatIsKnown) {
    History history;
    history.options().lookahead = Duration::milliseconds(10);
    history.ask(1, 0, "update accounts set balance = 1 where id = 5");
    for (int i = 1; i < 20; ++i) history.ask(2, i, "select 1").answer(2, i, "SELECT 1");
    history.answer(1, 30, "UPDATE 1");
    history.plan();
    EXPECT_EQ(history.stats().over_lookahead, 1U);
}

}  // namespace
}  // namespace understudy::replay
