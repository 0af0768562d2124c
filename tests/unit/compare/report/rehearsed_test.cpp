#include "compare/report/rehearsed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/report/outward.hpp"
#include "compare/report/writers.hpp"

namespace understudy::compare {
namespace {

using ::testing::HasSubstr;

Report with(std::vector<std::string> ids, ReportVerdict verdict) {
    Report report;
    report.verdict = verdict;
    for (const std::string& id : ids) {
        Finding& finding = report.findings.emplace_back();
        finding.id = id;
        finding.count = 2;
        finding.severity = id == "f2" ? Severity::breaking : Severity::risky;
        ++report.diverged;
    }
    return report;
}

TEST(AddHeld, SaysWhichSessionsMetWhat) {
    Report report = with({"f1"}, ReportVerdict::divergent);
    add_held(report, with({"f1", "f2"}, ReportVerdict::divergent));
    ASSERT_EQ(report.findings.size(), 2U);
    EXPECT_EQ(report.findings[0].id, "f2") << "the worst first";
    EXPECT_THAT(report.findings[0].seen_in, HasSubstr("held sessions"));
    EXPECT_EQ(report.findings[1].seen_in, "fresh and held sessions");
}

TEST(AddHeld, TheWorseVerdictCounts) {
    Report report = with({}, ReportVerdict::same);
    add_held(report, with({}, ReportVerdict::inconclusive));
    EXPECT_EQ(report.verdict, ReportVerdict::inconclusive);
    add_held(report, with({"f2"}, ReportVerdict::divergent));
    EXPECT_EQ(report.verdict, ReportVerdict::divergent);
    add_held(report, with({}, ReportVerdict::same));
    EXPECT_EQ(report.verdict, ReportVerdict::divergent);
}

Report with_sections() {
    Report report = with({}, ReportVerdict::same);
    report.title = "Rehearsal of 042.sql";
    report.sections = {{"migration", "The migration alone", SectionState::passed, "1 statement", {}},
                       {"traffic", "The migration under traffic", SectionState::failed, "3 s <stall> for a user",
                        {"held 'x' & y"}},
                       {"rollback", "The way back", SectionState::skipped, "not wanted", {}}};
    judge_sections(report);
    return report;
}

TEST(JudgeSections, OneThatFailedDecides) {
    const Report report = with_sections();
    EXPECT_EQ(report.verdict, ReportVerdict::divergent);
    ASSERT_EQ(report.reasons.size(), 1U);
    EXPECT_EQ(report.reasons[0], "The migration under traffic: 3 s <stall> for a user");
    Report open = with({}, ReportVerdict::same);
    open.sections = {{"held", "Held sessions", SectionState::inconclusive, "the server went away", {}}};
    judge_sections(open);
    EXPECT_EQ(open.verdict, ReportVerdict::inconclusive);
}

TEST(Sections, AreInEveryReport) {
    const Report report = with_sections();
    EXPECT_THAT(to_text(report, {}), HasSubstr("FAILED        The migration under traffic: 3 s <stall>"));
    EXPECT_THAT(to_json(report), HasSubstr("\"state\": \"failed\""));
    const std::string junit = to_junit(report);
    EXPECT_THAT(junit, HasSubstr("tests=\"4\" failures=\"1\" errors=\"0\""));
    EXPECT_THAT(junit, HasSubstr("skipped=\"1\""));
    EXPECT_THAT(junit, HasSubstr("<failure type=\"failed\" message=\"3 s &lt;stall&gt; for a user\">"));
    EXPECT_THAT(to_markdown(report), HasSubstr("<b>failed</b>: The migration under traffic"));
    EXPECT_THAT(to_github(report), HasSubstr("::error title=Understudy%3A The migration under traffic::3 s"));
    EXPECT_THAT(to_sarif(report), HasSubstr("The migration under traffic: 3 s <stall>"));
    EXPECT_THAT(to_html(report), HasSubstr("The migration under traffic"));
}

TEST(Sections, HaveNoValuesForEyesOutside) {
    Report report = with_sections();
    report.sections[1].summary = "it failed: line 2: invalid input syntax for type integer: \"CANARY-1\" (22P02)";
    report.sections[1].lines = {"a.sql:1 insert into t values ('CANARY-2') (1 ms)",
                                "could not create unique index \"t_key\": Key (email, id)=(CANARY-3, 4) is duplicated.",
                                "up again fails: line 3: the customer CANARY-4 owes too much (P0001)",
                                "a.sql:4 call f(): ERROR P0001: no CANARY-5 here", "value \"CANARY-6\" is out of range",
                                "column \"note\" of relation \"customers\" does not exist (42703)"};
    report.reasons = {"The migration alone: " + report.sections[1].summary};
    const Report shown = outward(report, Digester(DigestKey::generate()));
    for (const auto& form : {to_json, to_html, to_junit, to_sarif, to_markdown, to_github}) {
        EXPECT_EQ(form(shown).find("CANARY"), std::string::npos) << form(shown);
    }
    EXPECT_EQ(shown.sections[1].lines.back(), report.sections[1].lines.back()) << "names stay";
    EXPECT_THAT(shown.sections[1].lines[2], HasSubstr("up again fails: line 3: "));
    EXPECT_THAT(shown.sections[1].lines[2], HasSubstr("(P0001)"));
}

}  // namespace
}  // namespace understudy::compare
