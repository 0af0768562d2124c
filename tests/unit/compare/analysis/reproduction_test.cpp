#include "compare/analysis/reproduction.hpp"

#include <gtest/gtest.h>

#include "compare/measure.hpp"
#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

StepResult text_row(const Bytes& value) { return rows({{"v", oid::text}}, {{value}}); }

Reproduction measure(MadeCapture& a, MadeCapture& b) {
    Inputs inputs{};
    inputs[index_of(Side::baseline)] = &a;
    inputs[index_of(Side::candidate)] = &b;
    Reproduction found;
    EXPECT_TRUE(measure_part(inputs, {}, found));
    return found;
}

const ReproducedStatement& only(const Reproduction& found) {
    EXPECT_EQ(found.statements.size(), 1U);
    return found.statements.begin()->second;
}

TEST(Reproduction, EveryCallIsSameDifferingOrUnjudged) {
    MadeCapture a;
    MadeCapture b;
    a.query(1, "SELECT v FROM t WHERE id = 1", {text_row("x")});
    b.query(1, "SELECT v FROM t WHERE id = 1", {text_row("x")});
    a.query(1, "SELECT v FROM t WHERE id = 2", {text_row("x")});
    b.query(1, "SELECT v FROM t WHERE id = 2", {text_row("y")});
    a.query(1, "SELECT v FROM t WHERE id = 3", {text_row("x")});
    b.query(1, "SELECT v FROM t WHERE id = 3", {of_outcome(StepOutcome::not_sent)});
    a.query(2, "SELECT v FROM t WHERE id = 4", {text_row("x")});  // the other has no such session
    const Reproduction found = measure(a, b);
    const CallCounts& counts = only(found).counts;
    EXPECT_EQ(counts.calls, 4U);
    EXPECT_EQ(counts.same, 1U);
    EXPECT_EQ(counts.differing, 1U);
    EXPECT_EQ(counts.unjudged(), 2U);
    EXPECT_TRUE(only(found).names_table);
    EXPECT_EQ(only(found).first_difference, "value");
    ASSERT_EQ(found.sessions.size(), 2U);
    EXPECT_EQ(found.sessions[0].calls + found.sessions[1].calls, 4U);
}

TEST(Reproduction, AStatementThatFollowsAnErrorIsNotTheSame) {
    MadeCapture a;
    MadeCapture b;
    a.query(1, "BEGIN", {done("BEGIN")}, 'T');
    b.query(1, "BEGIN", {done("BEGIN")}, 'T');
    a.query(1, "SELECT v FROM t", {text_row("x")}, 'T');
    b.query(1, "SELECT v FROM t", {failed("42501", "permission denied for table t")}, 'E');
    a.query(1, "UPDATE t SET v = 'x'", {done("UPDATE 1")}, 'T');
    b.query(1, "UPDATE t SET v = 'x'", {failed("25P02", "current transaction is aborted")}, 'E');
    const Reproduction found = measure(a, b);
    EXPECT_EQ(found.total().same, 1U);
    EXPECT_EQ(found.total().differing, 2U);
}

TEST(Reproduction, WhatThePreparationShowsCountsForTheCall) {
    MadeCapture a;
    MadeCapture b;
    a.execute(1, "SELECT v FROM t WHERE id = $1", {"5"}, text_row("x"));
    b.execute(1, "SELECT v FROM t WHERE id = $1", {"5"}, failed("42P01", "relation \"t\" does not exist"));
    const Reproduction found = measure(a, b);
    EXPECT_EQ(found.total().calls, 1U);
    EXPECT_EQ(found.total().differing, 1U);
    EXPECT_EQ(only(found).first_difference, "error_appeared 42P01");
}

TEST(Reproduction, ConstantsOfWhatIsNoQueryAreNotKept) {
    MadeCapture a;
    a.query(1, "SET app.secret TO 'hunter2'", {done("SET")});
    a.query(1, "CREATE ROLE x PASSWORD 'hunter2'", {done("CREATE ROLE")});
    a.query(1, "SELECT 'hunter2'", {text_row("x")});
    MadeCapture b = a;
    for (const auto& [fingerprint, statement] : measure(a, b).statements) {
        EXPECT_EQ(statement.statement.find("hunter2"), Bytes::npos) << statement.statement;
    }
}

}  // namespace
}  // namespace understudy::compare
