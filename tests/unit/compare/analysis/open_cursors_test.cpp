// Rows that come in pages are judged when the cursor ends, all together.
#include <gtest/gtest.h>

#include "compare/analysis/open_cursors.hpp"
#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

using namespace testing;

/// A page of a cursor over one column.
StepResult page(const std::vector<Bytes>& values, const Bytes& tag) {
    std::vector<Row> made;
    for (const Bytes& value : values) made.push_back({value});
    StepResult result = rows({{"n"}}, made, true);
    result.command_tag = tag;
    return result;
}

StepResult fetched(const std::vector<Bytes>& values) { return page(values, "FETCH " + std::to_string(values.size())); }

class Cursors : public ::testing::Test {
protected:
    void both(const Bytes& sql, const Bytes& tag, char status = 'T') {
        for (auto* side : {&a_, &b_}) side->query(1, sql, {done(tag)}, status);
    }
    void fetch(const std::vector<Bytes>& in_a, const std::vector<Bytes>& in_b, const Bytes& sql = "FETCH 2 FROM c") {
        a_.query(1, sql, {fetched(in_a)}, 'T');
        b_.query(1, sql, {fetched(in_b)}, 'T');
    }
    void declare(const Bytes& query) {
        both("BEGIN", "BEGIN");
        both("DECLARE c CURSOR FOR " + query, "DECLARE CURSOR");
    }
    void suspended(const std::vector<Bytes>& in_a, const std::vector<Bytes>& in_b, bool last = false) {
        for (auto [side, values] : {std::pair(&a_, &in_a), std::pair(&b_, &in_b)}) {
            StepResult result = as(StepKind::execute, page(*values, last ? "SELECT 2" : ""));
            if (!last) result.outcome = StepOutcome::suspended;
            if (first_) {
                side->execute(1, query_, {}, std::move(result), 'T');
            } else {
                side->extended(1, {pgwire::Execute{"", 2}}, {std::move(result)}, 'T');
            }
        }
        first_ = false;
    }
    const Report& compare() { return report_ = compare_made(a_, b_); }

    MadeCapture a_;
    MadeCapture b_;
    Report report_;
    Bytes query_ = "SELECT n FROM t";
    bool first_ = true;
};

TEST_F(Cursors, UnorderedRowsOnOtherPagesAreTheSame) {
    declare("SELECT n FROM t");
    fetch({"1", "2"}, {"3", "1"});
    fetch({"3", "4"}, {"4", "2"});
    both("CLOSE c", "CLOSE CURSOR");
    both("COMMIT", "COMMIT", 'I');
    EXPECT_TRUE(compare().findings.empty());
    EXPECT_EQ(report_.coverage.not_compared.size(), 0U);
}

TEST_F(Cursors, ARowThatIsMissingInTheWholeIsFoundOnce) {
    declare("SELECT n FROM t");
    fetch({"1", "2"}, {"3", "1"});
    fetch({"3", "4"}, {"9", "2"});
    both("COMMIT", "COMMIT", 'I');
    ASSERT_EQ(compare().findings.size(), 1U);
    EXPECT_EQ(report_.findings[0].kind, DivergenceKind::value);
    EXPECT_EQ(report_.findings[0].place, "column n");
    EXPECT_EQ(report_.findings[0].count, 1U);
    EXPECT_EQ(report_.findings[0].example->rows.rows.size(), 1U) << "4 against 9, and no other row";
}

TEST_F(Cursors, FewerRowsAreFoundAtItsEnd) {
    declare("SELECT n FROM t");
    fetch({"1", "2"}, {"2", "3"});
    fetch({"3"}, {});
    both("COMMIT", "COMMIT", 'I');
    ASSERT_EQ(compare().findings.size(), 1U);
    EXPECT_EQ(report_.findings[0].kind, DivergenceKind::row_count);
    EXPECT_EQ(report_.findings[0].example->baseline, "FETCH 3");
}

TEST_F(Cursors, OrderedRowsOnOtherPagesAreAnotherAnswer) {
    declare("SELECT n FROM t ORDER BY n");
    fetch({"1", "2"}, {"3", "1"});
    fetch({"3", "4"}, {"2", "4"});
    both("COMMIT", "COMMIT", 'I');
    EXPECT_FALSE(compare().findings.empty());
}

TEST_F(Cursors, TheOrderOfOnePageIsTheDeclaredStatements) {
    declare("SELECT n FROM t ORDER BY n");
    fetch({"1", "2"}, {"2", "1"});
    both("COMMIT", "COMMIT", 'I');
    ASSERT_EQ(compare().findings.size(), 1U);
    EXPECT_EQ(report_.findings[0].kind, DivergenceKind::order);
}

TEST_F(Cursors, ScrollingBackIsJudgedPageByPage) {
    declare("SELECT n FROM t");
    fetch({"1", "2"}, {"3", "1"});
    fetch({"1"}, {"3"}, "FETCH PRIOR FROM c");
    both("COMMIT", "COMMIT", 'I');
    EXPECT_FALSE(compare().findings.empty());
}

TEST_F(Cursors, RollbackToASavepointEndsNoCursor) {
    declare("SELECT n FROM t");
    fetch({"1", "2"}, {"3", "1"});
    both("ROLLBACK TO SAVEPOINT s", "ROLLBACK");
    fetch({"3", "4"}, {"4", "2"});
    both("COMMIT", "COMMIT", 'I');
    EXPECT_TRUE(compare().findings.empty());
}

TEST_F(Cursors, ACursorWithHoldOutlivesItsTransaction) {
    declare("SELECT n FROM t");
    both("DECLARE h CURSOR WITH HOLD FOR SELECT n FROM t", "DECLARE CURSOR");
    fetch({"1", "2"}, {"3", "1"}, "FETCH 2 FROM h");
    both("COMMIT", "COMMIT", 'I');
    fetch({"3", "4"}, {"4", "2"}, "FETCH 2 FROM h");
    both("CLOSE h", "CLOSE CURSOR", 'I');
    EXPECT_TRUE(compare().findings.empty());
}

TEST_F(Cursors, PagesOfAPortal) {
    both("BEGIN", "BEGIN");
    suspended({"1", "2"}, {"3", "1"});
    suspended({"3", "4"}, {"4", "2"}, true);
    both("COMMIT", "COMMIT", 'I');
    EXPECT_TRUE(compare().findings.empty());
}

TEST_F(Cursors, PagesOfAPortalThatDifferInTheWhole) {
    both("BEGIN", "BEGIN");
    suspended({"1", "2"}, {"3", "1"});
    suspended({"3", "4"}, {"4", "4"}, true);
    both("COMMIT", "COMMIT", 'I');
    ASSERT_EQ(compare().findings.size(), 1U);
    EXPECT_EQ(report_.findings[0].kind, DivergenceKind::value);
}

TEST_F(Cursors, OneThatTheSessionLeftOpenIsNotCompared) {
    declare("SELECT n FROM t");
    fetch({"1", "2"}, {"3", "1"});
    for (auto* side : {&a_, &b_}) side->close(1);
    EXPECT_TRUE(compare().findings.empty());
    EXPECT_EQ(report_.coverage.not_compared.at("the rows of a cursor that its session left open"), 1U);
}

TEST(FetchesForward, ByItsWords) {
    for (const char* sql : {"fetch c", "FETCH NEXT FROM c", "fetch 10 from c", "fetch forward all in c", "FETCH ALL c"}) {
        EXPECT_TRUE(fetches_forward(sql)) << sql;
    }
    for (const char* sql : {"fetch prior c", "fetch -1 from c", "fetch backward 5 c", "fetch absolute 3 from c",
                            "fetch first from c", "move 5 in c", "fetch 0 from c", ""}) {
        EXPECT_FALSE(fetches_forward(sql)) << sql;
    }
}

}  // namespace
}  // namespace understudy::compare
