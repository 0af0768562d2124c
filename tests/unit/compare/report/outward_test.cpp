#include "compare/report/outward.hpp"

#include <gtest/gtest.h>

#include "compare/report/writers.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

constexpr const char* kCanary = "canary-7f3e";

/// Findings of every kind of text that can hold data: constants, rows, messages of several classes, comments.
Report with_canaries() {
    MadeCapture a("baseline.pgcap"), b("candidate.pgcap");
    const Bytes canary = kCanary;
    a.query(1, "SELECT 1 /* " + canary + " */ WHERE 'x' = '" + canary + "'", {done("SELECT 0")});
    b.query(1, "SELECT 1", {failed("22P02", "invalid input syntax for type integer: \"" + canary + "\"")});
    a.query(1, "SELECT who FROM t", {rows({{"who", oid::text}}, {{canary}}, true)});
    b.query(1, "SELECT who FROM t", {rows({{"who", oid::text}}, {{canary + "2"}}, true)});
    a.execute(1, "INSERT INTO t VALUES ($1)", {canary}, done("INSERT 0 1"));
    b.execute(1, "INSERT INTO t VALUES ($1)", {canary}, failed("P0001", "no more of " + canary));
    a.query(1, "MERGE nonsense '" + canary + "' $$" + canary + "$$", {done("MERGE 1")});
    b.query(1, "MERGE nonsense", {failed("42601", "syntax error")});
    // A function's own text, with an SQLSTATE of its choice; a syntax error of SQL that a function made.
    StepResult raised = failed("23514", "customer " + canary + " is refused");
    raised.error->fields.emplace_back('R', "exec_stmt_raise");
    a.query(1, "UPDATE t SET x = 1", {done("UPDATE 1")});
    b.query(1, "UPDATE t SET x = 1", {raised});
    a.query(1, "SELECT made()", {done("SELECT 1")});
    b.query(1, "SELECT made()", {failed("42601", "syntax error at or near \"" + canary + "\"")});
    // What the parser does not normalise, and a constant whose end is not known.
    a.query(1, "EXECUTE p(47110815, '" + canary + "')", {done("SELECT 1")});
    b.query(1, "EXECUTE p(47110815, '" + canary + "')", {done("SELECT 2")});
    a.query(1, "SELECT 'it\\'s " + canary + " here' FROM t", {done("SELECT 1")});
    b.query(1, "SELECT 'it\\'s " + canary + " here' FROM t", {failed("42703", "no such column")});
    return compare_made(a, b);
}

TEST(Outward, NothingThatLeavesTheMachineHoldsAValue) {
    const Report inside = with_canaries();
    ASSERT_GE(inside.findings.size(), 4U);
    EXPECT_NE(to_json(inside).find(kCanary), std::string::npos) << "or the test proves nothing";
    const Report outside = outward(inside, test_digester());
    for (const auto& form : {to_json, to_html, to_junit, to_sarif, to_markdown, to_github}) {
        const std::string text = form(outside);
        EXPECT_EQ(text.find(kCanary), std::string::npos) << text.substr(text.find(kCanary), 200);
        EXPECT_EQ(text.find("47110815"), std::string::npos);
    }
}

TEST(Outward, PlaceholdersTellTypeAndEquality) {
    const Digester& digester = test_digester();
    const Bytes sql = without_values("select 12, 1.5, 'it''s' , b'101' from t where a = 12 -- why\nor b = $1", digester);
    EXPECT_NE(sql.find("‹integer "), Bytes::npos);
    EXPECT_NE(sql.find("‹numeric "), Bytes::npos);
    EXPECT_NE(sql.find("‹text "), Bytes::npos);
    EXPECT_NE(sql.find("‹bit "), Bytes::npos);
    EXPECT_NE(sql.find("b = $1"), Bytes::npos);
    EXPECT_EQ(sql.find("why"), Bytes::npos);
    const std::size_t first = sql.find("‹integer ");
    EXPECT_EQ(sql.substr(first, 18), sql.substr(sql.find("‹integer ", first + 1), 18)) << "equal values";
    EXPECT_NE(without_values("select 12", digester), without_values("select 13", digester));
}

TEST(Outward, RowsKeepTheirNullsAndWhatIsEqual) {
    const Report report = outward(with_canaries(), test_digester());
    for (const Finding& finding : report.findings) {
        if (finding.kind != DivergenceKind::value) continue;
        ASSERT_TRUE(finding.example);
        ASSERT_EQ(finding.example->rows.rows.size(), 1U);
        const RowChange& change = finding.example->rows.rows[0];
        EXPECT_TRUE((*change.baseline)[0]->starts_with("‹text "));
        EXPECT_NE((*change.baseline)[0], (*change.candidate)[0]);
        return;
    }
    FAIL() << "no finding of values";
}

}  // namespace
}  // namespace understudy::compare
