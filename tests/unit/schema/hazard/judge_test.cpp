#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "schema/hazard/hazard.hpp"

namespace understudy::schema::hazard {
namespace {

SchemaFacts shop() {
    SchemaFacts facts;
    facts.server_major = 15;
    TableFacts orders;
    orders.name = {"public", "orders"};
    orders.bytes = std::uint64_t{2'254'857'830};
    orders.rows = 12e6;
    orders.columns = {{"id", "pg_catalog", "int8", -1, true},
                      {"total", "pg_catalog", "numeric", -1, false},
                      {"state", "pg_catalog", "varchar", 24, false}};
    orders.indexes = {{"orders_state", false, {"state"}, true}};
    TableFacts item;
    item.name = {"public", "item"};
    item.bytes = std::uint64_t{1} << 30U;
    item.rows = 4e7;
    ConstraintFacts& key = item.constraints.emplace_back();
    key.name = "item_order";
    key.kind = sql::ConstraintKind::foreign_key;
    key.validated = false;
    key.columns = {"order_id"};
    key.references = orders.name;
    key.referenced_columns = {"id"};
    orders.referenced_by = {item.name};
    TableFacts tiny;
    tiny.name = {"public", "tiny"};
    tiny.bytes = 8192;
    tiny.rows = 3;
    facts.tables = {orders, item, tiny};
    facts.index_tables[{"public", "orders_state"}] = orders.name;
    facts.known_functions = {"now", "random"};
    facts.volatile_functions = {"random"};
    return facts;
}

Traffic busy() {
    Traffic traffic;
    traffic.span = Duration::seconds(100);
    traffic.statements = {{{1, false}, "select total from orders where id = $1", 25'000, {}},
                          {{2, false}, "update orders set state = $1 where id = $2", 6'000, {}}};
    RelationTraffic& orders = traffic.relations[{"", "orders"}];
    orders.reads = 25'000;
    orders.writes = 6'000;
    orders.busiest_minute = 36'000;
    orders.longest_transaction = Duration::milliseconds(2300);
    orders.longest_application = "report";
    orders.statements = {0, 1};
    traffic.orders[{{"", "item"}, {"", "orders"}}] = 42;
    return traffic;
}

HazardReport judged(BytesView sql, TransactionMode mode = TransactionMode::each_statement,
                    const SchemaFacts& facts = shop(), const Traffic& traffic = busy()) {
    return judge_hazards(script_of("m.sql", sql), mode, facts, traffic);
}

std::optional<Hazard> find(const HazardReport& report, HazardKind kind) {
    const auto found = std::find_if(report.hazards.begin(), report.hazards.end(),
                                    [&](const Hazard& hazard) { return hazard.kind == kind; });
    return found == report.hazards.end() ? std::nullopt : std::optional(*found);
}

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(Judge, TheSentenceHasTheRealSizeAndTheRecordedTraffic) {
    const HazardReport report =
        judged("set lock_timeout = '2s';\n\nalter table orders add token float default random();");
    ASSERT_EQ(report.hazards.size(), 1U);
    const Hazard& hazard = report.hazards[0];
    EXPECT_EQ(hazard.kind, HazardKind::rewrite);
    EXPECT_EQ(hazard.severity, HazardSeverity::stalls);
    EXPECT_EQ(hazard.line, 3U);
    EXPECT_EQ(hazard.calls_waiting, 310);
    EXPECT_EQ(
        hazard.message,
        "ACCESS EXCLUSIVE on public.orders (2.1 GB, about 12.0 million rows): rewrites the table: the default of token "
        "calls random(), which is volatile; 310 calls/s (reads 250, writes 60; 600 in the busiest minute) wait behind "
        "it");
    EXPECT_HAS(hazard.advice, "fill the old rows in batches");
}

TEST(Judge, AConstantDefaultIsABriefLockAndWithATimeoutOnlyANotice) {
    const HazardReport bare = judged("alter table orders add x int default 7");
    ASSERT_TRUE(find(bare, HazardKind::brief_lock));
    EXPECT_EQ(find(bare, HazardKind::brief_lock)->severity, HazardSeverity::waits);
    ASSERT_TRUE(find(bare, HazardKind::no_lock_timeout));
    EXPECT_HAS(find(bare, HazardKind::no_lock_timeout)->message, "the longest one recorded there took 2.3 s (report)");
    const HazardReport bounded = judged("set lock_timeout = '2s'; alter table orders add x int default 7");
    EXPECT_FALSE(find(bounded, HazardKind::no_lock_timeout));
    EXPECT_EQ(find(bounded, HazardKind::brief_lock)->severity, HazardSeverity::notice);
    EXPECT_FALSE(bounded.findings());
}

TEST(Judge, ALocalTimeoutEndsWithItsTransaction) {
    const char* const kAfter =
        "begin; set local lock_timeout = '1s'; alter table orders add x int; commit; alter table orders add y int";
    const auto hazard = find(judged(kAfter), HazardKind::no_lock_timeout);
    ASSERT_TRUE(hazard);
    EXPECT_EQ(hazard->statement, 4U);
    EXPECT_TRUE(find(judged("set lock_timeout = '1s'; reset lock_timeout; alter table orders add x int"),
                     HazardKind::no_lock_timeout));
    EXPECT_TRUE(find(judged("set lock_timeout = '1s'; set lock_timeout = 0; alter table orders add x int"),
                     HazardKind::no_lock_timeout));
}

TEST(Judge, SmallTablesAreSoonDone) {
    const HazardReport report = judged("alter table tiny add token float default random()");
    ASSERT_TRUE(find(report, HazardKind::rewrite));
    EXPECT_EQ(find(report, HazardKind::rewrite)->severity, HazardSeverity::waits);
}

TEST(Judge, WithoutAServerTheHeavierCaseIsAssumedAndSaidSo) {
    const HazardReport report =
        judged("alter table t alter c type bigint", TransactionMode::each_statement, SchemaFacts(), Traffic());
    const auto hazard = find(report, HazardKind::rewrite);
    ASSERT_TRUE(hazard);
    EXPECT_FALSE(hazard->certain);
    EXPECT_HAS(hazard->message, "size unknown");
    EXPECT_HAS(hazard->message, "may rewrite");
    EXPECT_HAS(to_text(report), "no capture given");
}

TEST(Judge, IndexesAndConstraintsHaveASaferWay) {
    const auto index = find(judged("create index on orders (total)"), HazardKind::index_build);
    ASSERT_TRUE(index);
    EXPECT_EQ(index->calls_waiting, 60);
    EXPECT_HAS(index->message, "60 writes/s (reads, 250/s, go on)");
    EXPECT_HAS(index->advice, "CONCURRENTLY");
    EXPECT_FALSE(find(judged("create index concurrently on orders (total)"), HazardKind::index_build));
    const HazardReport check = judged("alter table orders add constraint k check (total >= 0)");
    ASSERT_TRUE(find(check, HazardKind::scan));
    EXPECT_HAS(find(check, HazardKind::scan)->advice, "NOT VALID");
    const HazardReport valid = judged("alter table orders add constraint k check (total >= 0) not valid");
    EXPECT_FALSE(find(valid, HazardKind::scan));
    const HazardReport validate = judged("alter table item validate constraint item_order");
    EXPECT_TRUE(validate.hazards.empty()) << to_text(validate);
}

TEST(Judge, WhatCannotBeInATransaction) {
    const HazardReport whole = judged("create index concurrently i on orders (total)", TransactionMode::whole_file);
    ASSERT_TRUE(find(whole, HazardKind::not_in_transaction));
    EXPECT_EQ(find(whole, HazardKind::not_in_transaction)->sqlstate, "25001");
    EXPECT_TRUE(find(judged("begin; vacuum orders; commit"), HazardKind::not_in_transaction));
    const HazardReport mixed = judged("alter table tiny add x int; create index concurrently i on orders (total)");
    EXPECT_FALSE(find(mixed, HazardKind::not_in_transaction));
    EXPECT_TRUE(find(mixed, HazardKind::applied_in_parts));
}

TEST(Judge, AnEnumValueUsedInItsOwnTransaction) {
    const char* const kSql = "alter type mood add value 'ok'; update tiny set m = 'ok' where id = 1";
    EXPECT_FALSE(find(judged(kSql), HazardKind::enum_value_too_new));
    const HazardReport report = judged(kSql, TransactionMode::whole_file);
    ASSERT_TRUE(find(report, HazardKind::enum_value_too_new));
    EXPECT_EQ(find(report, HazardKind::enum_value_too_new)->sqlstate, "55P04");
}

TEST(Judge, LocksHeldUntilCommitAndTheOrderThatWasRecorded) {
    const char* const kSql = "begin;\nalter table orders add x int;\nalter table item add x int;\ncommit;";
    const HazardReport report = judged(kSql);
    const auto hazard = find(report, HazardKind::locks_held);
    ASSERT_TRUE(hazard);
    EXPECT_HAS(hazard->message, "public.orders (line 2), then public.item (line 3)");
    EXPECT_HAS(hazard->message, "42 recorded transactions take them in another order");
    EXPECT_FALSE(find(judged("alter table orders add x int; alter table item add x int"), HazardKind::locks_held));
    EXPECT_FALSE(find(judged("begin; create table a (x int); create table b (x int); commit"), HazardKind::locks_held));
}

TEST(Judge, ABackfillUnderALock) {
    const HazardReport report =
        judged("alter table orders add x int; update orders set x = 1", TransactionMode::whole_file);
    const auto hazard = find(report, HazardKind::backfill);
    ASSERT_TRUE(hazard);
    EXPECT_EQ(hazard->severity, HazardSeverity::stalls);
    EXPECT_HAS(hazard->message, "holds ACCESS EXCLUSIVE on public.orders since line 1");
    EXPECT_EQ(find(judged("update orders set x = 1"), HazardKind::backfill)->severity, HazardSeverity::waits);
    EXPECT_FALSE(find(judged("update orders set x = 1 where id < 1000"), HazardKind::backfill));
}

TEST(Judge, DroppedOrRenamedWhileRecordedStatementsNameIt) {
    const HazardReport report = judged("alter table orders drop column total");
    const auto hazard = find(report, HazardKind::in_use);
    ASSERT_TRUE(hazard);
    EXPECT_EQ(hazard->severity, HazardSeverity::breaks);
    EXPECT_HAS(hazard->message, "1 recorded statement (25000 calls, 250/s) names public.orders.total");
    EXPECT_FALSE(find(judged("alter table orders drop column unused"), HazardKind::in_use));
    EXPECT_TRUE(find(judged("alter table orders rename to purchases"), HazardKind::in_use));
    EXPECT_FALSE(find(judged("drop table tiny"), HazardKind::in_use));
}

TEST(Judge, TheRestOfTheList) {
    EXPECT_EQ(find(judged("alter table orders add x int not null"), HazardKind::not_null_fails)->sqlstate, "23502");
    EXPECT_FALSE(find(judged("alter table orders add x int not null default 1"), HazardKind::not_null_fails));
    const HazardReport invalid = judged("create index concurrently if not exists orders_state on orders (state)");
    EXPECT_EQ(find(invalid, HazardKind::invalid_index)->severity, HazardSeverity::breaks);
    EXPECT_EQ(find(judged("create index concurrently if not exists other on orders (state)"), HazardKind::invalid_index)
                  ->severity,
              HazardSeverity::notice);
    EXPECT_HAS(find(judged("drop table orders cascade"), HazardKind::cascade)->message, "foreign keys of public.item");
    EXPECT_TRUE(find(judged("alter type mood rename value 'a' to 'b'"), HazardKind::label_renamed));
    EXPECT_EQ(find(judged("vacuum full orders"), HazardKind::rewrite)->severity, HazardSeverity::stalls);
    EXPECT_EQ(judged("do $$ begin end $$").not_looked_into, 1U);
    EXPECT_EQ(judged("alter table orders frobnicate").unknown, 1U);
}

TEST(Judge, WhatTheMigrationItselfCreatesKeepsNobodyWaiting) {
    const HazardReport report = judged(
        "create table fresh (a int); alter table fresh add b float default random(); create index on "
        "fresh (b); alter table fresh add c int not null");
    EXPECT_TRUE(report.hazards.empty()) << to_text(report);
}

TEST(Judge, HazardsBeyondTheLimitAreCounted) {
    Bytes sql;
    for (std::size_t i = 0; i < kMaxHazards + 5; ++i) sql += "do $$ begin end $$;\n";
    const HazardReport report = judged(sql);
    EXPECT_EQ(report.hazards.size(), kMaxHazards);
    EXPECT_EQ(report.beyond_limit, 5U);
    EXPECT_HAS(to_json(report), "\"hazards_beyond_limit\": 5");
}

TEST(Script, LinesAreThoseOfTheFirstWord) {
    const auto script = script_of("a.sql", "-- a comment\n\nselect 1;\n/* two\nlines */ select\n2;\n\nselect 3");
    ASSERT_EQ(script.size(), 3U);
    EXPECT_EQ(script[0].line, 3U);
    EXPECT_EQ(script[1].line, 5U);
    EXPECT_EQ(script[2].line, 8U);
}

}  // namespace
}  // namespace understudy::schema::hazard
