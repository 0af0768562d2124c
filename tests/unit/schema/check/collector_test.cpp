#include "schema/check/collector.hpp"

#include <gtest/gtest.h>

#include "core/catalog/catalog_codec.hpp"
#include "tests/support/frames.hpp"
#include "tests/unit/schema/check/events.hpp"

namespace understudy::schema {
namespace {

namespace fe = testing::fe;

RecordedStatements collect(const std::vector<Event>& events, Bytes database = {}, CollectorLimits limits = {}) {
    StatementCollector collector(std::move(database), limits);
    for (const Event& event : events) collector.on_event(event);
    return collector.take();
}

TEST(StatementCollector, CountsStatementsOfQueriesByShape) {
    const auto found = collect({opened(1, "app"), request(1, 0, fe::query("select a from t where id = 1; begin"), 5),
                                request(1, 1, fe::query("select a from t where id = 2"), 9)});
    ASSERT_EQ(found.statements.size(), 2U);
    EXPECT_EQ(found.executions, 3U);
    EXPECT_EQ(found.statements[0].sql, "select a from t where id = 1");
    EXPECT_EQ(found.statements[0].executions, 2U);
    EXPECT_EQ(found.statements[0].first, at(5));
    EXPECT_EQ(found.statements[0].last, at(9));
    EXPECT_EQ(found.statements[0].user, "app");
    EXPECT_EQ(found.statements[1].sql, "begin");
}

TEST(StatementCollector, TellsApartWhatASchemaChangeMayBreakSeparately) {
    const auto found = collect(
        {opened(1, "app"), opened(2, "worker"), request(1, 0, fe::query("select code = 1 from t")),
         request(1, 1, fe::query("select code = '1' from t")), request(2, 0, fe::query("select code = 1 from t")),
         request(1, 2, fe::parse("", "select code = $1 from t", {23}) + fe::sync()),
         request(1, 3, fe::parse("", "select code = $1 from t", {25}) + fe::sync()),
         request(1, 4, fe::parse("", "select code = $1 from t", {0}) + fe::sync()),
         request(1, 5, fe::parse("", "select code = $1 from t") + fe::sync())});
    EXPECT_EQ(found.statements.size(), 6U) << "the last two are the same";
}

TEST(StatementCollector, TellsApartTablesThatDifferByANumber) {
    const auto found =
        collect({opened(1, "app"), request(1, 0, fe::query("select total from orders_2023 where id = 10")),
                 request(1, 1, fe::query("select total from orders_2024 where id = 10")),
                 request(1, 2, fe::query("select total from orders_2024 where id = 11")),
                 request(1, 3, fe::query("savepoint s_100; savepoint s_101"))});
    ASSERT_EQ(found.statements.size(), 3U);
    EXPECT_EQ(found.statements[1].sql, "select total from orders_2024 where id = 10");
    EXPECT_EQ(found.statements[1].executions, 2U);
}

TEST(StatementCollector, FollowsPreparedStatementsToTheirExecutions) {
    const auto found =
        collect({opened(1, "app"), request(1, 0, fe::parse("s", "select 1") + fe::sync()),
                 request(1, 1, fe::bind("p", "s") + fe::execute("p", 1) + fe::execute("p", 1) + fe::sync(), 7),
                 request(1, 2, fe::unnamed("select 'x'") + fe::sync())});
    ASSERT_EQ(found.statements.size(), 2U);
    EXPECT_EQ(found.statements[0].executions, 2U);
    EXPECT_EQ(found.statements[0].last, at(7));
    EXPECT_EQ(found.statements[1].executions, 1U);
    EXPECT_EQ(found.unknown_executions, 0U);
}

TEST(StatementCollector, NotesWhatIsPreparedUnderAName) {
    const auto found = collect({opened(1, "app"), request(1, 0, fe::parse("", "select 1") + fe::sync()),
                                request(1, 1, fe::parse("s", "select 'x'") + fe::sync())});
    ASSERT_EQ(found.statements.size(), 2U);
    EXPECT_FALSE(found.statements[0].prepared);
    EXPECT_TRUE(found.statements[1].prepared);
}

TEST(StatementCollector, CountsStatementsPreparedBeforeTheCapture) {
    SessionState state;
    state.session = SessionId(1);
    state.identity.user = "app";
    state.statements = {{"known", "select 1", {}}};
    const Bytes use_unknown = fe::bind("", "S_7") + fe::execute() + fe::sync();
    const auto found = collect({state, request(1, 0, fe::bind("", "known") + fe::execute() + fe::sync()),
                                request(1, 1, use_unknown), request(1, 2, use_unknown)});
    ASSERT_EQ(found.statements.size(), 1U);
    EXPECT_EQ(found.statements[0].executions, 1U);
    EXPECT_EQ(found.statements[0].user, "app");
    EXPECT_EQ(found.unknown_statements, 1U);
    EXPECT_EQ(found.unknown_executions, 2U);
}

TEST(StatementCollector, KnowsTheSearchPathInForce) {
    const auto found =
        collect({opened(1, "app", {{"search_path", "first"}}), request(1, 0, fe::query("select 1")),
                 request(1, 1, fe::parse("set", "set search_path = second") + fe::sync()),
                 request(1, 2, fe::query("select 2")), request(1, 3, fe::bind("", "set") + fe::execute() + fe::sync()),
                 request(1, 4, fe::query("select 3; reset all; select 4"))});
    ASSERT_EQ(found.statements.size(), 4U);
    EXPECT_EQ(found.statements[0].search_path, "first");
    EXPECT_EQ(found.statements[0].executions, 3U) << "a SET works when executed, not when parsed";
    EXPECT_EQ(found.statements[2].search_path, "second");
    EXPECT_EQ(found.statements[2].executions, 1U);
}

TEST(StatementCollector, RemembersWhatFailedWhenRecorded) {
    const auto found = collect(
        {opened(1, "app"), request(1, 0, fe::parse("", "select 1") + fe::parse("", "select wrong from t") + fe::sync()),
         failed(1, 0, 1, "42703"), failed(1, 0, 1, "42703"), request(1, 1, fe::query("select a; select b from wrong")),
         failed(1, 1, 1, "42P01")});
    ASSERT_EQ(found.statements.size(), 4U);
    EXPECT_TRUE(found.statements[0].recorded_errors.empty());
    EXPECT_EQ(found.statements[1].recorded_errors, std::vector<Bytes>{"42703"});
    EXPECT_TRUE(found.statements[2].recorded_errors.empty());
    EXPECT_EQ(found.statements[3].recorded_errors, std::vector<Bytes>{"42P01"});
}

TEST(StatementCollector, JoinsMessagesThatCameInPieces) {
    const Bytes frames = fe::query("select a from t");
    const auto found = collect({opened(1, "app"), request(1, 0, frames.substr(0, 7)), request(1, 0, frames.substr(7))});
    ASSERT_EQ(found.statements.size(), 1U);
    EXPECT_EQ(found.statements[0].sql, "select a from t");
}

TEST(StatementCollector, LeavesOutAnExchangeThatItCannotRead) {
    Gap gap;
    gap.session = SessionId(1);
    gap.from_client = true;
    const auto found = collect({opened(1, "app"), request(1, 0, "Q\0\0\0\1"), request(1, 0, fe::query("select 1")), gap,
                                request(1, 1, fe::query("select 2")), gap, request(1, 1, fe::query("select 'x'")),
                                request(1, 2, fe::query("select true"))});
    ASSERT_EQ(found.statements.size(), 2U);
    EXPECT_EQ(found.unreadable, 2U);
    EXPECT_EQ(found.statements[1].sql, "select true");
}

TEST(StatementCollector, TakesOneDatabaseOnly) {
    const std::vector<Event> events = {opened(1, "app"), opened(2, "app", {}, "other"),
                                       request(1, 0, fe::query("select 1")), request(2, 0, fe::query("select 'x'"))};
    const auto found = collect(events, "shop");
    ASSERT_EQ(found.statements.size(), 1U);
    EXPECT_EQ(found.statements[0].sql, "select 1");
    EXPECT_EQ(found.other_databases, 1U);
    EXPECT_EQ(collect(events).statements.size(), 2U);
}

TEST(StatementCollector, NamesTheTypesThatParametersWereDeclaredWith) {
    catalog::Catalog catalog;
    catalog.types = {{16400, "billing", "mood", 'e', 0, 0, {"sad"}}, {16500, "public", "unused", 'e', 0, 0, {}}};
    CatalogRecord record;
    record.content = catalog::encode(catalog);
    const auto found =
        collect({record, opened(1, "app"), request(1, 0, fe::parse("", "select $1, $2", {16400, 23}) + fe::sync())});
    ASSERT_EQ(found.declared_types.size(), 1U);
    EXPECT_EQ(found.declared_types.at(16400), (TypeIdentity{"billing", "mood"}));
}

TEST(StatementCollector, KeepsItsLimitsAndCountsWhatIsBeyond) {
    CollectorLimits limits;
    limits.statements = 2;
    limits.names = 1;
    limits.message_bytes = 64;
    const auto found =
        collect({opened(1, "app"), request(1, 0, fe::query("select 1; select 'x'; select true; select true")),
                 request(1, 1, fe::query(Bytes(100, ' '))),
                 request(1, 2, fe::parse("a", "select 1") + fe::parse("b", "select 1") + fe::sync()),
                 request(1, 3, fe::bind("", "b") + fe::sync())},
                {}, limits);
    EXPECT_EQ(found.statements.size(), 2U);
    EXPECT_EQ(found.beyond_limit, 2U);
    EXPECT_EQ(found.executions, 4U);
    EXPECT_EQ(found.unreadable, 1U);
    EXPECT_EQ(found.unknown_executions, 1U);
}

TEST(StatementCollector, CountsNoStatementForAnEmptyText) {
    const auto found = collect({opened(1, "app"), request(1, 0, fe::unnamed("  -- ping") + fe::sync()),
                                request(1, 1, fe::function_call(1299) + fe::function_call(1299))});
    EXPECT_TRUE(found.statements.empty());
    EXPECT_EQ(found.executions, 0U);
    EXPECT_EQ(found.beyond_limit, 0U);
    EXPECT_EQ(found.called_functions, 1U);
}

TEST(StatementCollector, KnowsTheTemporaryTablesThatAStatementNames) {
    const auto found = collect({opened(1, "app"), opened(2, "app"),
                                request(1, 0, fe::query("select * from s; create temp table s (id int); select * from s")),
                                request(2, 0, fe::query("select * from s")), request(1, 1, fe::query("select 1 from t"))});
    ASSERT_EQ(found.statements.size(), 4U) << "the second session's is like the first one's first";
    EXPECT_TRUE(found.statements[0].temps.empty());
    EXPECT_EQ(found.statements[0].executions, 2U);
    EXPECT_EQ(found.statements[2].temps, std::vector<Bytes>{"create temp table s (id int)"});
    EXPECT_TRUE(found.statements[3].temps.empty());
}

TEST(StatementCollector, NotesErrorsOfExecutions) {
    const auto found =
        collect({opened(1, "app"), request(1, 0, fe::parse("s", "insert into t values ($1)") + fe::sync()),
                 request(1, 1, fe::bind("", "s") + fe::execute() + fe::sync()), failed(1, 1, 1, "23505")});
    ASSERT_EQ(found.statements.size(), 1U);
    EXPECT_EQ(found.statements[0].recorded_errors, std::vector<Bytes>{"23505"});
}

}  // namespace
}  // namespace understudy::schema
