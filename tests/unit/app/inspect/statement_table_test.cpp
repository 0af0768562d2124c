#include "app/inspect/statement_table.hpp"

#include <gtest/gtest.h>

#include "tests/unit/app/inspect/events.hpp"

namespace understudy::app::inspect {
namespace {

void add(StatementTable& table, const StepResult& result, std::optional<BytesView> sql, double latency_ms) {
    const SessionInfo session;
    table.on_step({session, Ordinal(), StepIndex(), result, sql, at(1),
                   Duration::microseconds(static_cast<std::int64_t>(latency_ms * 1000))});
}

TEST(StatementTable, GroupsByFingerprintAndSortsByTotalTime) {
    StatementTable table;
    add(table, result(StepKind::statement, 2, "SELECT 1", 1), "SELECT * FROM a WHERE id = 1", 2);
    add(table, result(StepKind::execute, 2, "SELECT 3", 3), "select * from a where id = $1", 4);
    add(table, result(StepKind::statement, 2), "DELETE FROM b WHERE name = 'Ann'", 100);
    const auto rows = table.sorted();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0]->count, 1U);
    EXPECT_EQ(rows[0]->text.find("Ann"), Bytes::npos) << "no values";
    EXPECT_EQ(rows[1]->count, 2U);
    EXPECT_EQ(rows[1]->rows, 4U);
    EXPECT_EQ(rows[1]->latency_ns.max(), 4'000'000U);
    EXPECT_EQ(rows[1]->fingerprint, sql::fingerprint("SELECT * FROM a WHERE id = 5"));
}

TEST(StatementTable, CountsErrorsOfEveryStepButOnlyAnsweredExecutions) {
    StatementTable table;
    add(table, error(StepKind::parse, 2, "42P01"), "SELECT 1 FROM x", 1);
    add(table, error(StepKind::execute, 2, "22012"), "SELECT 1 FROM x", 1);
    add(table, outcome(StepKind::execute, 2, StepOutcome::suspended), "SELECT 1 FROM x", 1);
    add(table, outcome(StepKind::execute, 2, StepOutcome::skipped), "SELECT 1 FROM x", 1);
    add(table, outcome(StepKind::execute, 2, StepOutcome::unanswered), "SELECT 1 FROM x", 1);
    add(table, result(StepKind::bind, 2), "SELECT 1 FROM x", 1);
    const auto rows = table.sorted();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0]->count, 2U);
    EXPECT_EQ(rows[0]->errors, 2U);
    EXPECT_EQ(rows[0]->latency_ns.count(), 2U);
}

TEST(StatementTable, UnknownTextsAndThoseBeyondTheLimitHaveRowsOfTheirOwn) {
    StatementTable table(2);
    for (const BytesView text : {"SELECT a FROM t", "SELECT b FROM t", "SELECT c FROM t", "SELECT d FROM t"}) {
        add(table, result(StepKind::execute, 2), text, 1);
    }
    add(table, result(StepKind::execute, 2), std::nullopt, 1);
    const Json json = to_json(table, 0);
    ASSERT_EQ(json.size(), 4U);
    std::size_t without_fingerprint = 0;
    std::uint64_t beyond = 0;
    for (const Json& row : json) {
        without_fingerprint += row["fingerprint"].is_null() ? 1U : 0U;
        if (row["text"] == "(further statements beyond 2)") beyond = row["count"];
    }
    EXPECT_EQ(without_fingerprint, 2U);
    EXPECT_EQ(beyond, 2U);
    EXPECT_EQ(to_json(table, 3).size(), 3U);
}

TEST(StatementTable, JsonHasEveryField) {
    StatementTable table;
    for (int i = 1; i <= 100; ++i) add(table, result(StepKind::execute, 2, "SELECT 2", 2), "SELECT 1", i);
    const Json row = to_json(table, 0).at(0);
    EXPECT_EQ(row["fingerprint"], sql::fingerprint("SELECT 1").hex());
    EXPECT_EQ(row["lexical"], false);
    EXPECT_EQ(row["count"], 100);
    EXPECT_EQ(row["errors"], 0);
    EXPECT_EQ(row["rows"], 200);
    EXPECT_EQ(row["total_ms"], 5050.0);
    EXPECT_NEAR(row["p50_ms"].get<double>(), 50, 2);
    EXPECT_NEAR(row["p95_ms"].get<double>(), 95, 4);
    EXPECT_NEAR(row["p99_ms"].get<double>(), 99, 4);
    EXPECT_EQ(row["max_ms"], 100.0);
    EXPECT_EQ(row["text"], "SELECT $1");
}

}  // namespace
}  // namespace understudy::app::inspect
