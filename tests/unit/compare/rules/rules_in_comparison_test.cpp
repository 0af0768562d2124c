#include <gmock/gmock.h>

#include "compare/rules/apply_rules.hpp"
#include "compare/rules/tolerance.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::HasSubstr;
namespace oid = pgwire::type_oid;

const Timestamp kNow = at_ms(1'000);

class RulesInComparison : public ::testing::Test {
protected:
    /// One statement whose columns price and note differ, and one that fails.
    RulesInComparison() : a_("baseline.pgcap"), b_("candidate.pgcap") {
        const std::vector<Column> columns{{"id"}, {"price", oid::numeric}, {"note", oid::text}};
        a_.query(1, "SELECT * FROM items", {rows(columns, {{"1", "10.00", "a"}, {"2", "20.00", "b"}}, true)});
        b_.query(1, "SELECT * FROM items", {rows(columns, {{"1", "10.01", "a"}, {"2", "19.99", "c"}}, true)});
        a_.query(1, "SELECT gone FROM items", {done("SELECT 1")});
        b_.query(1, "SELECT gone FROM items", {failed("42703", "column \"gone\" does not exist")});
    }
    Report compare(std::vector<Rule> rules) {
        ComparisonOptions options;
        options.report.rules = std::move(rules);
        options.report.now = kNow;
        Inputs inputs{};
        inputs[index_of(Side::baseline)] = &a_;
        inputs[index_of(Side::candidate)] = &b_;
        return *compare_captures(inputs, options);
    }
    static Rule tolerance(const std::string& column, double absolute) {
        Rule rule;
        rule.action = RuleAction::tolerance;
        rule.place = "column " + column;
        rule.absolute = absolute;
        rule.reason = "cents";
        return rule;
    }
    static std::vector<std::string> places(const std::vector<Finding>& findings) {
        std::vector<std::string> names;
        for (const Finding& finding : findings) names.push_back(finding.place);
        return names;
    }
    MadeCapture a_;
    MadeCapture b_;
};

TEST_F(RulesInComparison, ATolerancesColumnMayDifferBySoMuch) {
    const Report report = compare({tolerance("price", 0.01)});
    EXPECT_EQ(places(report.findings), (std::vector<std::string>{"error", "column note"}));
    EXPECT_EQ(report.rules[0].count, 1U);
    EXPECT_EQ(report.rules[0].state(), "used");
    EXPECT_EQ(compare({tolerance("price", 0.001)}).findings.size(), 3U);
    EXPECT_EQ(compare({tolerance("note", 100)}).findings.size(), 3U) << "no numbers";
}

TEST_F(RulesInComparison, ATolerancesWithoutRowsIsNotCompared) {
    const std::vector<Column> one{{"price", oid::numeric}};
    a_.query(1, "SELECT price FROM items", {rows(one, {{"10.00"}})});
    b_.query(1, "SELECT price FROM items", {rows(one, {{"10.01"}})});
    const Report report = compare({tolerance("price", 0.01)});
    ASSERT_EQ(report.coverage.not_compared.size(), 1U);
    EXPECT_THAT(report.coverage.not_compared.begin()->first, HasSubstr("--results full"));
}

TEST_F(RulesInComparison, WhatIsExpectedIsSetApartAndSaid) {
    const std::string id = compare({}).findings.at(0).id;
    Rule rule;
    rule.finding = id;
    rule.reason = "the column is gone";
    rule.owner = "shop";
    rule.expires = kNow + Duration::seconds(1);
    Rule ignore;
    ignore.action = RuleAction::ignore;
    ignore.place = "column note";
    ignore.reason = "free text";
    const Report report = compare({rule, ignore, tolerance("price", 1)});
    EXPECT_EQ(report.verdict, ReportVerdict::same);
    EXPECT_EQ(report.expected_places.size(), 2U);
    EXPECT_EQ(report.expected, 2U);
    EXPECT_THAT(to_text(report, {}), HasSubstr("a rule says so: the column is gone (shop)"));
}

TEST_F(RulesInComparison, AnExpiredRuleExcusesNothingAndIsReported) {
    Rule rule;
    rule.place = "error";
    rule.reason = "for a while";
    rule.expires = kNow;
    rule.line = 7;
    Rule never;
    never.finding = "f00000000";
    never.reason = "long gone";
    const Report report = compare({rule, never});
    EXPECT_EQ(report.findings.size(), 3U);
    EXPECT_EQ(report.rules[0].state(), "expired");
    EXPECT_EQ(report.rules[1].state(), "never matched");
    EXPECT_THAT(report.remarks, Contains("the rule of line 7 has expired and excuses nothing: for a while"));
    EXPECT_THAT(report.remarks, Contains(HasSubstr("matched nothing: long gone")));
}

TEST(Tolerance, KnowsNumbersAndMoments) {
    EXPECT_EQ(number_of("12.50"), 12.5);
    EXPECT_EQ(number_of("-1e3"), -1000);
    EXPECT_EQ(number_of("1970-01-02"), 86'400);
    EXPECT_EQ(number_of("1970-01-01 00:00:01.5"), 1.5);
    EXPECT_EQ(number_of("1970-01-01 02:00:00+02"), 0);
    EXPECT_EQ(number_of("1970-01-01 00:00:00-05:30"), 19'800);
    EXPECT_EQ(number_of("00:01:00"), 60);
    for (const char* text : {"", "abc", "1.2.3", "1970-13-01", "12:3", "NaN", "infinity", "1970-01-01 xx"}) {
        EXPECT_EQ(number_of(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace understudy::compare
