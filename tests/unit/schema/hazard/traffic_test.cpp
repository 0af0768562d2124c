#include <gtest/gtest.h>

#include "core/pgwire/frontend_messages.hpp"
#include "schema/hazard/traffic_collector.hpp"
#include "tests/unit/schema/check/events.hpp"

namespace understudy::schema::hazard {
namespace {

Bytes query(BytesView sql) {
    Bytes frame = "Q";
    const auto length = static_cast<std::uint32_t>(sql.size() + 5);
    for (const unsigned shift : {24U, 16U, 8U, 0U}) frame += static_cast<char>((length >> shift) & 0xFFU);
    return frame + Bytes(sql) + '\0';
}

Response ready(std::uint64_t session, std::uint32_t ordinal, char status, std::int64_t ms) {
    Response event;
    event.session = SessionId(session);
    event.ordinal = Ordinal(ordinal);
    event.transaction_status = status;
    event.ready = at(ms);
    return event;
}

TEST(Traffic, ReadsWritesAndTheLongestTransactionOfEachTable) {
    TrafficCollector collector("shop");
    SessionOpened opening = opened(1, "ann");
    opening.identity.application = "report";
    collector.on_event(opening);
    collector.on_event(opened(2, "bob", {}, "other"));
    collector.on_event(request(1, 0, query("begin; select * from orders where id = 1"), 0));
    collector.on_event(ready(1, 0, 'T', 10));
    collector.on_event(request(1, 1, query("update item set a = 1 where id = 2"), 500));
    collector.on_event(ready(1, 1, 'T', 510));
    collector.on_event(request(1, 2, query("commit"), 2300));
    collector.on_event(ready(1, 2, 'I', 2310));
    collector.on_event(request(1, 3, query("select * from orders where id = 7"), 9990));
    collector.on_event(ready(1, 3, 'I', 10'000));
    collector.on_event(request(2, 0, query("select * from orders"), 9000));
    collector.on_event(request(1, 4, query("selec"), 10'000));
    const Traffic traffic = collector.take();
    EXPECT_EQ(traffic.span, Duration::seconds(10));
    EXPECT_EQ(traffic.unparsed, 1U);
    const RelationTraffic& orders = traffic.relations.at({"", "orders"});
    EXPECT_EQ(orders.reads, 2U);
    EXPECT_EQ(orders.writes, 0U);
    EXPECT_EQ(orders.longest_transaction, Duration::milliseconds(2310));
    EXPECT_EQ(orders.longest_application, "report");
    ASSERT_EQ(orders.statements.size(), 1U);
    EXPECT_EQ(traffic.statements[orders.statements[0]].calls, 2U);
    const RelationTraffic& item = traffic.relations.at({"", "item"});
    EXPECT_EQ(item.writes, 1U);
    EXPECT_EQ(item.longest_transaction, Duration::milliseconds(1810));
    EXPECT_EQ(transactions_in_order(traffic, {"public", "orders"}, {"public", "item"}), 1U);
    EXPECT_EQ(transactions_in_order(traffic, {"public", "item"}, {"public", "orders"}), 0U);
    const TableTraffic table = traffic_of(traffic, {"public", "orders"});
    EXPECT_DOUBLE_EQ(table.reads, 0.2);
    EXPECT_TRUE(traffic_of(traffic, {"public", "order"}).statements.empty());
}

TEST(Traffic, ANameInAnotherSchemaIsAnotherTable) {
    TrafficCollector collector;
    collector.on_event(opened(1, "ann"));
    collector.on_event(request(1, 0, query("select * from archive.orders"), 0));
    collector.on_event(request(1, 1, query("select * from public.orders"), 1000));
    const Traffic traffic = collector.take();
    EXPECT_DOUBLE_EQ(traffic_of(traffic, {"public", "orders"}).reads, 1);
    EXPECT_DOUBLE_EQ(traffic_of(traffic, {"", "orders"}).reads, 2);
}

TEST(Traffic, PreparedStatementsCountWhenTheyAreRun) {
    TrafficCollector collector;
    SessionState state;
    state.session = SessionId(1);
    state.time = at(0);
    state.statements = {{"s", "insert into orders values ($1)", {}}};
    collector.on_event(state);
    const Bytes bind("B\0\0\0\x0d\0s\0\0\0\0\0\0\0", 14);
    const Bytes unknown("B\0\0\0\x0d\0x\0\0\0\0\0\0\0", 14);
    const Bytes execute("E\0\0\0\x09\0\0\0\0\0", 10);
    collector.on_event(request(1, 0, bind + execute + execute, 0));
    collector.on_event(request(1, 1, unknown + execute, 1000));
    const Traffic traffic = collector.take();
    EXPECT_EQ(traffic.relations.at({"", "orders"}).writes, 2U);
    EXPECT_EQ(traffic.unknown, 1U);
}

TEST(Traffic, WhatSqlPreparesCountsWhenItIsExecuted) {
    TrafficCollector collector;
    collector.on_event(opened(1, "ann"));
    collector.on_event(request(1, 0, query("prepare Put (int, text) as insert into orders values ($1, $2)"), 0));
    collector.on_event(request(1, 1, query("execute put (1, 'a'); EXECUTE put (2, 'b')"), 10));
    collector.on_event(request(1, 2, query("explain analyze execute put (3, 'c')"), 20));
    collector.on_event(request(1, 3, query("deallocate prepare put; execute put (4, 'd')"), 30));
    collector.on_event(request(1, 4, query("prepare a as select 1 from item; prepare b as select 1 from item"), 40));
    collector.on_event(request(1, 5, query("discard all; execute a"), 50));
    collector.on_event(request(1, 6, query("execute never"), 60));
    const Traffic traffic = collector.take();
    const RelationTraffic& orders = traffic.relations.at({"", "orders"});
    EXPECT_EQ(orders.writes, 3U);
    EXPECT_EQ(orders.reads, 0U);
    ASSERT_EQ(orders.statements.size(), 1U);
    EXPECT_EQ(traffic.statements[orders.statements[0]].text, "insert into orders values ($1, $2)");
    EXPECT_EQ(traffic.statements[orders.statements[0]].calls, 3U);
    EXPECT_EQ(traffic.relations.count({"", "item"}), 0U) << "prepared, never run";
    EXPECT_EQ(traffic.unknown, 3U);
}

TEST(Traffic, LimitsAreCounted) {
    TrafficLimits limits;
    limits.relations = 1;
    limits.statements = 1;
    TrafficCollector collector({}, limits);
    collector.on_event(opened(1, "ann"));
    collector.on_event(request(1, 0, query("select * from a; select * from b"), 0));
    const Traffic traffic = collector.take();
    EXPECT_EQ(traffic.relations.size(), 1U);
    EXPECT_EQ(traffic.beyond_limit, 2U);  // the shape, and the relation
}

}  // namespace
}  // namespace understudy::schema::hazard
