// What an error drags along is folded into it.
#include <gtest/gtest.h>

#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

using namespace testing;

const Bytes kInsert = "INSERT INTO orders (id, discount) VALUES (1, 2)";
const StepResult kMissing = failed("42703", "column \"discount\" of relation \"orders\" does not exist");
const StepResult kAborted = failed("25P02", "current transaction is aborted");

class Cascade : public ::testing::Test {
protected:
    const Finding& only_finding() {
        report_ = compare_made(a_, b_);
        EXPECT_EQ(report_.findings.size(), 1U);
        static const Finding none;
        return report_.findings.empty() ? none : report_.findings.front();
    }
    MadeCapture a_;
    MadeCapture b_;
    Report report_;
};

TEST_F(Cascade, AbortedTransactionUpToItsRollback) {
    for (auto* side : {&a_, &b_}) side->query(1, "BEGIN", {done("BEGIN")}, 'T');
    a_.query(1, kInsert, {done("INSERT 0 1")}, 'T');
    b_.query(1, kInsert, {kMissing}, 'E');
    a_.query(1, "SELECT 1", {rows({{"x"}}, {{"1"}})}, 'T');
    b_.query(1, "SELECT 1", {kAborted}, 'E');
    a_.query(1, "UPDATE t SET x = 1", {done("UPDATE 5")}, 'T');
    b_.query(1, "UPDATE t SET x = 1", {kAborted}, 'E');
    a_.query(1, "COMMIT", {done("COMMIT")});
    b_.query(1, "COMMIT", {done("ROLLBACK")});
    a_.query(1, "SELECT 2", {rows({{"x"}}, {{"2"}})});
    b_.query(1, "SELECT 2", {rows({{"x"}}, {{"3"}})});
    report_ = compare_made(a_, b_);
    ASSERT_EQ(report_.findings.size(), 2U) << "the last one is after the transaction";
    EXPECT_EQ(report_.findings[0].kind, DivergenceKind::error_appeared);
    EXPECT_EQ(report_.findings[0].followed_by, 3U);
    EXPECT_EQ(report_.findings[1].kind, DivergenceKind::value);
    EXPECT_EQ(report_.coverage.compared, 6U);
    EXPECT_EQ(report_.coverage.folded, 3U);
    EXPECT_EQ(report_.verdict, ReportVerdict::divergent);
}

TEST_F(Cascade, AFailureInTheNextTransactionIsAFindingOfItsOwn) {
    for (const char* sql : {"INSERT INTO a VALUES (1)", "DELETE FROM b"}) {
        for (auto* side : {&a_, &b_}) side->query(1, "BEGIN", {done("BEGIN")}, 'T');
        a_.query(1, sql, {done("INSERT 0 1")}, 'T');
        b_.query(1, sql, {kMissing}, 'E');
        a_.query(1, "COMMIT", {done("COMMIT")});
        b_.query(1, "COMMIT", {done("ROLLBACK")});
    }
    report_ = compare_made(a_, b_);
    ASSERT_EQ(report_.findings.size(), 2U);
    EXPECT_EQ(report_.findings[0].followed_by, 1U);
    EXPECT_EQ(report_.findings[1].followed_by, 1U);
}

TEST_F(Cascade, RollbackToSavepointEndsIt) {
    for (auto* side : {&a_, &b_}) side->query(1, "BEGIN", {done("BEGIN")}, 'T');
    a_.query(1, kInsert, {done("INSERT 0 1")}, 'T');
    b_.query(1, kInsert, {kMissing}, 'E');
    a_.query(1, "ROLLBACK TO s", {done("ROLLBACK")}, 'T');
    b_.query(1, "ROLLBACK TO s", {done("ROLLBACK")}, 'T');
    a_.query(1, "DELETE FROM t", {done("DELETE 1")}, 'T');
    b_.query(1, "DELETE FROM t", {done("DELETE 0")}, 'T');
    report_ = compare_made(a_, b_);
    ASSERT_EQ(report_.findings.size(), 2U);
    EXPECT_EQ(report_.findings[1].kind, DivergenceKind::affected_rows);
    EXPECT_EQ(report_.findings[0].followed_by, 0U);
}

TEST_F(Cascade, StatementsOfAQueryThatNeverRan) {
    a_.query(1, "DELETE FROM a; DELETE FROM b; DELETE FROM c", {done("DELETE 1"), done("DELETE 2"), done("DELETE 3")});
    b_.query(1, "DELETE FROM a; DELETE FROM b; DELETE FROM c",
             {done("DELETE 1"), failed("42P01", "relation \"b\" does not exist")});
    const Finding& finding = only_finding();
    EXPECT_EQ(finding.followed_by, 1U);
    EXPECT_EQ(finding.statement, "DELETE FROM b");
    EXPECT_EQ(finding.example->sql, "DELETE FROM b;");
    EXPECT_EQ(finding.explanation, "relation \"b\" does not exist on the candidate (42P01); it did on the baseline");
    EXPECT_TRUE(report_.coverage.not_compared.empty());
}

TEST_F(Cascade, StepsSkippedUpToSync) {
    a_.execute(1, "SELECT discount FROM orders", {}, rows({{"discount"}}, {{"1"}}));
    b_.extended(1, {pgwire::Parse{"", "SELECT discount FROM orders", {}}, pgwire::Bind{}, pgwire::Execute{}},
                {as(StepKind::parse, kMissing), as(StepKind::bind, of_outcome(StepOutcome::skipped)),
                 as(StepKind::execute, of_outcome(StepOutcome::skipped))});
    EXPECT_EQ(only_finding().followed_by, 2U);
    EXPECT_EQ(report_.coverage.percent(), 100.0);
}

TEST_F(Cascade, AStatementThatCouldNotBePreparedIsMissedLater) {
    const pgwire::Parse parse{"s1", "SELECT discount FROM orders WHERE id = $1", {}};
    a_.extended(1, {parse}, {as(StepKind::parse, done(""))});
    b_.extended(1, {parse}, {as(StepKind::parse, kMissing)});
    for (int i = 0; i < 3; ++i) {
        const std::vector<pgwire::FrontendMessage> messages{pgwire::Bind{"", "s1", {}, {"5"}, {}}, pgwire::Execute{}};
        a_.extended(1, messages, {as(StepKind::bind, done("")), as(StepKind::execute, rows({{"d"}}, {{"1"}}))});
        b_.extended(1, messages,
                    {as(StepKind::bind, failed("26000", "prepared statement \"s1\" does not exist")),
                     as(StepKind::execute, of_outcome(StepOutcome::skipped))});
    }
    const Finding& finding = only_finding();
    EXPECT_EQ(finding.sqlstate, "42703");
    EXPECT_EQ(finding.count, 1U);
    EXPECT_EQ(finding.followed_by, 6U);
}

TEST_F(Cascade, WhatSqlCouldNotPrepareOrDeclareIsMissedLater) {
    for (const auto& [make, use, state] : std::vector<std::tuple<Bytes, Bytes, Bytes>>{
             {"PREPARE notes (int) AS SELECT note FROM orders", "EXECUTE notes (1)", "26000"},
             {"DECLARE c CURSOR WITH HOLD FOR SELECT note FROM orders", "FETCH 2 FROM c", "34000"}}) {
        a_.query(1, make, {done("PREPARE")});
        b_.query(1, make, {kMissing});
        a_.query(1, use, {done("SELECT 1")});
        b_.query(1, use, {failed(state, "it does not exist")});
    }
    const Report report = compare_made(a_, b_);
    ASSERT_EQ(report.findings.size(), 2U);
    for (const Finding& finding : report.findings) {
        EXPECT_EQ(finding.sqlstate, "42703");
        EXPECT_EQ(finding.followed_by, 1U);
    }
}

TEST_F(Cascade, ANameThatIsMadeAnewIsNotLost) {
    const pgwire::Parse parse{"s1", "SELECT 1", {}};
    a_.extended(1, {parse}, {as(StepKind::parse, done(""))});
    b_.extended(1, {parse}, {as(StepKind::parse, kMissing)});
    for (auto* side : {&a_, &b_}) side->extended(1, {parse}, {as(StepKind::parse, done(""))});
    a_.extended(1, {pgwire::Bind{"", "s1", {}, {}, {}}}, {as(StepKind::bind, done(""))});
    b_.extended(1, {pgwire::Bind{"", "s1", {}, {}, {}}}, {as(StepKind::bind, failed("26000", "gone"))});
    report_ = compare_made(a_, b_);
    ASSERT_EQ(report_.findings.size(), 2U);
    EXPECT_EQ(report_.findings[1].sqlstate, "26000");
    EXPECT_EQ(report_.findings[1].cause, Cause::replay_artefact);
}

TEST_F(Cascade, AnErrorThatDisappearedTakesItsTransactionAlong) {
    for (auto* side : {&a_, &b_}) side->query(1, "BEGIN", {done("BEGIN")}, 'T');
    a_.query(1, "SELECT x FROM t", {kMissing}, 'E');
    b_.query(1, "SELECT x FROM t", {rows({{"x"}}, {})}, 'T');
    a_.query(1, "SELECT 1", {kAborted}, 'E');
    b_.query(1, "SELECT 1", {rows({{"x"}}, {{"1"}})}, 'T');
    a_.query(1, "COMMIT", {done("ROLLBACK")});
    b_.query(1, "COMMIT", {done("COMMIT")});
    const Finding& finding = only_finding();
    EXPECT_EQ(finding.kind, DivergenceKind::error_disappeared);
    EXPECT_EQ(finding.followed_by, 2U);
}

TEST_F(Cascade, BothFailingAlikeIsNoDifference) {
    for (auto* side : {&a_, &b_}) {
        side->query(1, "BEGIN", {done("BEGIN")}, 'T');
        side->query(1, kInsert, {kMissing}, 'E');
        side->query(1, "SELECT 1", {kAborted}, 'E');
        side->query(1, "COMMIT", {done("ROLLBACK")});
    }
    report_ = compare_made(a_, b_);
    EXPECT_EQ(report_.verdict, ReportVerdict::same);
    EXPECT_EQ(report_.coverage.compared, 4U);
}

TEST_F(Cascade, TransactionStatusWithoutAnErrorIsSaidOnce) {
    a_.query(1, "CALL p()", {done("CALL")}, 'I');
    b_.query(1, "CALL p()", {done("CALL")}, 'T');
    a_.query(1, "SELECT 1", {rows({{"x"}}, {{"1"}})}, 'I');
    b_.query(1, "SELECT 1", {rows({{"x"}}, {{"1"}})}, 'T');
    const Finding& finding = only_finding();
    EXPECT_EQ(finding.kind, DivergenceKind::transaction_status);
    EXPECT_EQ(finding.statement, "CALL p()");
}

TEST_F(Cascade, AnotherNumberOfStatementsWithoutAnError) {
    a_.query(1, "DELETE FROM v", {done("DELETE 1")});
    b_.query(1, "DELETE FROM v", {done("DELETE 1"), done("DELETE 1")});
    EXPECT_EQ(only_finding().kind, DivergenceKind::statement_count);
}

TEST_F(Cascade, ACommitThatFailsAtSync) {
    a_.execute(1, "INSERT INTO child VALUES ($1)", {"1"}, done("INSERT 0 1"));
    b_.extended(1, {pgwire::Parse{"", "INSERT INTO child VALUES ($1)", {}}, pgwire::Bind{}, pgwire::Execute{}},
                {as(StepKind::parse, done("")), as(StepKind::bind, done("")), as(StepKind::execute, done("INSERT 0 1")),
                 as(StepKind::sync, failed("23503", "violates foreign key constraint"))});
    const Finding& finding = only_finding();
    EXPECT_EQ(finding.sqlstate, "23503");
    EXPECT_EQ(finding.statement, "INSERT INTO child VALUES ($1)");
}

TEST_F(Cascade, DescribeAndExecuteShowANewColumnOnce) {
    const auto run = [](MadeCapture& side, const std::vector<Column>& columns, const Row& row) {
        side.extended(1,
                      {pgwire::Parse{"", "SELECT * FROM t", {}}, pgwire::Bind{},
                       pgwire::Describe{pgwire::Target::portal, ""}, pgwire::Execute{}},
                      {as(StepKind::parse, done("")), as(StepKind::bind, done("")), described({}, columns),
                       as(StepKind::execute, rows(columns, {row}))});
    };
    run(a_, {{"id"}}, {"1"});
    run(b_, {{"id"}, {"extra"}}, {"1", "2"});
    const Finding& finding = only_finding();
    EXPECT_EQ(finding.kind, DivergenceKind::column_added);
    EXPECT_EQ(finding.count, 1U);
}

}  // namespace
}  // namespace understudy::compare
