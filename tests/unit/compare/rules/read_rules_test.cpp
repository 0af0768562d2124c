#include "compare/rules/read_rules.hpp"

#include <gmock/gmock.h>

namespace understudy::compare {
namespace {

using ::testing::HasSubstr;

constexpr const char* kFile = R"(# of the shop
rehearse:
  whatever: 1
compare:
  min_coverage: 95.5
  fail_on: risky
  expected:          # agreed with billing
    - finding: f1a2b3c4
      reason: rounded since 7.2
      owner: billing
      expires: 2027-01-31
    - fingerprint: 740667d30767ba1d
      kind: value
      place: column total
      reason: "the same"
      owner: billing
      expires: 2026-12-31
  ignore:
    - {column: updated_at, reason: a clock}
  tolerances:
    - column: price
      absolute: 0.01
      relative: 1e-6
      reason: cents
)";

std::string refusal(const std::string& yaml) {
    const auto result = read_rules(yaml, "understudy.yaml");
    return result ? "read" : result.error().message;
}

TEST(Rules, AreReadWithTheirLines) {
    const auto set = read_rules(kFile, "understudy.yaml");
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(set->min_coverage, 95.5);
    EXPECT_EQ(set->fail_on, Severity::risky);
    ASSERT_EQ(set->rules.size(), 4U);
    EXPECT_EQ(set->rules[0].finding, "f1a2b3c4");
    EXPECT_EQ(set->rules[0].line, 8);
    EXPECT_EQ(set->rules[1].place, "column total");
    EXPECT_EQ(set->rules[2].action, RuleAction::ignore);
    EXPECT_EQ(set->rules[2].place, "column updated_at");
    EXPECT_EQ(set->rules[3].absolute, 0.01);
    EXPECT_TRUE(read_rules("", "x")->rules.empty());
    EXPECT_TRUE(read_rules("check: {}\n", "x")->rules.empty());
}

TEST(Rules, HoldToTheEndOfTheirLastDay) {
    const auto day = parse_day("2027-01-31");
    ASSERT_TRUE(day);
    Rule rule;
    rule.expires = *day;
    EXPECT_EQ(day->ns(), 1'801'440'000LL * 1'000'000'000) << "2027-02-01T00:00Z";
    EXPECT_TRUE(rule.expired(*day));
    EXPECT_FALSE(rule.expired(*day + Duration::nanoseconds(-1)));
    for (const char* text : {"2027-02-30", "2027-1-1", "tomorrow", "", "2027-01-31T00", "0001-01-01"}) {
        EXPECT_FALSE(parse_day(text)) << text;
    }
}

TEST(Rules, WhatIsWrongIsSaidWithItsLineAndWhatToDo) {
    EXPECT_THAT(refusal("compare:\n  expect: []\n"), HasSubstr("understudy.yaml:2: \"expect\" is not known here; known are"));
    EXPECT_THAT(refusal("compare:\n  expected:\n    - finding: f1\n"), HasSubstr(":3: this rule needs a reason"));
    EXPECT_THAT(refusal("compare:\n  expected:\n    - {finding: f1, reason: r}\n"), HasSubstr("needs an owner"));
    EXPECT_THAT(refusal("compare:\n  expected:\n    - {finding: f1, reason: r, owner: o}\n"), HasSubstr("expires: 2027-01-31"));
    EXPECT_THAT(refusal("compare:\n  expected:\n    - {kind: value, reason: r, owner: o, expires: 2027-01-31}\n"),
                HasSubstr("would excuse everything"));
    EXPECT_THAT(refusal("compare:\n  expected:\n    - {finding: f, kind: vaule, reason: r, owner: o, expires: 2027-01-31}\n"),
                HasSubstr("\"vaule\" is no kind"));
    EXPECT_THAT(refusal("compare:\n  tolerances:\n    - {column: c, reason: r}\n"), HasSubstr("needs absolute or relative"));
    EXPECT_THAT(refusal("compare:\n  tolerances:\n    - {column: c, absolute: -1, reason: r}\n"), HasSubstr("a number from 0"));
    EXPECT_THAT(refusal("compare:\n  ignore:\n    column: c\n"), HasSubstr("is a list"));
    EXPECT_THAT(refusal("compare: [1, 2\n"), HasSubstr("understudy.yaml:"));
    EXPECT_THAT(refusal("just text"), HasSubstr("not a file of sections"));
    EXPECT_THAT(refusal(std::string(kMaxRulesBytes + 1, ' ')), HasSubstr("larger than"));
}

TEST(Rules, HostileFilesAreErrorsOrRules) {
    std::string deep = "compare: ";
    for (int i = 0; i < 100'000; ++i) deep += '[';
    EXPECT_NE(refusal(deep), "read");
    std::string laughs = "a0: &a0 [x]\n";
    for (int i = 1; i < 60; ++i) {
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + ", *a" +
                  std::to_string(i - 1) + "]\n";
    }
    EXPECT_EQ(refusal(laughs + "compare: {expected: *a59}\n").substr(0, 4), "unde") << "in time";
}

TEST(Rules, OneIsAddedWithoutTouchingTheRest) {
    Rule rule;
    rule.finding = "f00c0ffe";
    rule.kind = "error_appeared";
    rule.place = "error";
    rule.sqlstate = "42703";
    rule.reason = "the \"old\" clients\nare gone";
    rule.owner = "shop";
    rule.expires = *parse_day("2027-03-01");
    for (const std::string& before :
         {std::string(kFile), std::string(), std::string("check: {}"), std::string("compare:\n  min_coverage: 90\n"),
          std::string("compare:\n  expected:\nother: 1\n"), std::string("# nothing yet\n")}) {
        const auto after = with_rule(before, "understudy.yaml", rule);
        ASSERT_TRUE(after) << after.error().message;
        const auto set = read_rules(*after, "understudy.yaml");
        ASSERT_TRUE(set);
        const auto added = std::find_if(set->rules.begin(), set->rules.end(),
                                        [](const Rule& one) { return one.finding == "f00c0ffe"; });
        ASSERT_NE(added, set->rules.end()) << *after;
        EXPECT_EQ(added->reason, "the \"old\" clients are gone");
        EXPECT_EQ(added->expires, rule.expires);
        EXPECT_EQ(added->sqlstate, "42703");
        EXPECT_GE(after->size(), before.size());
    }
    const auto after = with_rule(kFile, "understudy.yaml", rule);
    EXPECT_THAT(*after, HasSubstr("  expected:          # agreed with billing\n    - finding: f00c0ffe\n"));
    for (const char* by_hand : {"compare: {expected: []}\n", "compare:\n  expected: []\n", "compare:\n  expected: ~\n"}) {
        EXPECT_FALSE(with_rule(by_hand, "x", rule)) << by_hand;
    }
    const auto at_the_key = with_rule(
        "compare:\n  expected:\n  # old\n  - {finding: f1, reason: r, owner: o, expires: 2027-01-31}\n", "x", rule);
    ASSERT_TRUE(at_the_key) << at_the_key.error().message;
    EXPECT_THAT(*at_the_key, HasSubstr("\n  - finding: f00c0ffe\n    kind:"));
    const auto crlf = with_rule("compare:\r\n  min_coverage: 90\r\n", "x", rule);
    ASSERT_TRUE(crlf);
    EXPECT_EQ(std::count(crlf->begin(), crlf->end(), '\n'), std::count(crlf->begin(), crlf->end(), '\r'));
}

}  // namespace
}  // namespace understudy::compare
