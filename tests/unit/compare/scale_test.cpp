#include <gtest/gtest.h>

#include "compare/report/writers.hpp"
#include "tests/support/answers.hpp"

// What must hold of long captures: a storm is a few findings, and one change among a hundred thousand answers is found.
namespace understudy::compare {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

TEST(Scale, AStormOfOneDroppedColumnIsAHandfulOfFindings) {
    MadeCapture a("baseline.pgcap"), b("candidate.pgcap");
    const StepResult missing = failed("42703", "column \"discount\" does not exist");
    const StepResult aborted = failed("25P02", "current transaction is aborted");
    for (std::uint64_t i = 0; i < 12'500; ++i) {
        const std::uint64_t session = 1 + i % 50;
        const Bytes id = std::to_string(i);
        for (auto* side : {&a, &b}) side->query(session, "BEGIN", {done("BEGIN")}, 'T');
        a.query(session, "SELECT discount FROM orders WHERE id = " + id, {rows({{"discount"}}, {{"1"}})}, 'T');
        b.query(session, "SELECT discount FROM orders WHERE id = " + id, {missing}, 'E');
        a.query(session, "UPDATE orders SET paid = true WHERE id = " + id, {done("UPDATE 1")}, 'T');
        b.query(session, "UPDATE orders SET paid = true WHERE id = " + id, {aborted}, 'E');
        a.query(session, "COMMIT", {done("COMMIT")});
        b.query(session, "COMMIT", {done("ROLLBACK")});
    }
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.verdict, ReportVerdict::divergent);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].count, 12'500U);
    EXPECT_EQ(report.findings[0].followed_by, 25'000U);
    for (const auto& form : {to_json, to_html, to_junit, to_sarif, to_markdown, to_github}) {
        EXPECT_LT(form(report).size(), 5'000'000U);
    }
}

/// A hundred thousand answers of a shop, of which one can be another.
class Planted : public ::testing::Test {
protected:
    static constexpr std::uint64_t kExchanges = 100'000;

    enum class Plant { nothing, value, error, notice };
    static void play(MadeCapture& shop, Plant plant) {
        const std::vector<Column> columns{{"id"}, {"name", oid::text}};
        for (std::uint64_t i = 0; i < kExchanges; ++i) {
            const bool here = i == 71'234;
            StepResult answer = rows(columns, {{std::to_string(i % 997), here && plant == Plant::value ? "Tea!" : "Tea"}});
            if (i % 5000 == 1234 && !(here && plant == Plant::notice)) answer = with_notice(answer, "01000", "careful");
            if (here && plant == Plant::error) answer = failed("23505", "duplicate key");
            shop.query(1 + i % 40, "SELECT id, name FROM products WHERE id = " + std::to_string(i % 997), {answer});
        }
    }
    /// `again`: with a control and a confirmation.
    static Report against(Plant plant, bool again) {
        MadeCapture a("a"), b("b"), c("c"), d("d");
        play(a, Plant::nothing);
        play(b, plant);
        if (!again) return compare_made(a, b);
        play(c, Plant::nothing);
        play(d, plant);
        return compare_made(a, b, &c, &d);
    }
};

TEST_F(Planted, OneValue) {
    const Report report = against(Plant::value, true);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].place, "column name");
    EXPECT_EQ(report.findings[0].count, 1U);
}

TEST_F(Planted, OneError) {
    const Report report = against(Plant::error, false);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].sqlstate, "23505");
}

TEST_F(Planted, OneMissingNotice) {
    const Report report = against(Plant::notice, false);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].kind, DivergenceKind::notice);
}

TEST_F(Planted, Nothing) { EXPECT_EQ(against(Plant::nothing, false).verdict, ReportVerdict::same); }

}  // namespace
}  // namespace understudy::compare
