#include "schema/check/check_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/schema/check/events.hpp"

namespace understudy::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RecordedStatement recorded(const char* sql, std::uint64_t executions, const char* user = "app") {
    RecordedStatement statement;
    statement.sql = sql;
    statement.fingerprint = sql::fingerprint(sql);
    statement.user = user;
    statement.executions = executions;
    statement.first = at(0);
    statement.last = at(60'000);
    return statement;
}

Description columns(std::initializer_list<const char*> names) {
    Description description;
    for (const char* name : names) {
        description.columns.emplace_back().name = name;
        description.columns.back().type_oid = 23;
    }
    return description;
}

Description refused(const char* sqlstate, const char* message, std::uint32_t position = 0) {
    Description description;
    description.refusal = Refusal{sqlstate, message, {}, position};
    return description;
}

/// One statement after the other, with what both sides say; statements that are not asked about get no
/// answers.
class Case {
public:
    Case& add(RecordedStatement statement, Description baseline, Description candidate) {
        recorded.statements.push_back(std::move(statement));
        recorded.executions += recorded.statements.back().executions;
        baseline_.descriptions.push_back(std::move(baseline));
        candidate_.descriptions.push_back(std::move(candidate));
        return *this;
    }
    Case& unasked(RecordedStatement statement) {
        recorded.statements.push_back(std::move(statement));
        return *this;
    }
    [[nodiscard]] CheckReport report(double min_coverage = 0.9) const {
        return build_report(recorded, make_plan(recorded), baseline_, candidate_, min_coverage);
    }

    RecordedStatements recorded;

private:
    ServerAnswers baseline_;
    ServerAnswers candidate_;
};

TEST(CheckReport, PassesWhenNothingDiffers) {
    Case c;
    c.add(recorded("select a from t", 3), columns({"a"}), columns({"a"})).unasked(recorded("begin", 9));
    const CheckReport report = c.report();
    EXPECT_EQ(report.verdict, Verdict::passed);
    EXPECT_EQ(report.checked, 1U);
    EXPECT_EQ(report.coverage(), 1.0);
    EXPECT_EQ(report.nothing_to_check, (Reasons{{"transaction", 1}}));
    EXPECT_THAT(to_text(report), HasSubstr("PASSED"));
}

TEST(CheckReport, ShowsWhereAStatementBreaks) {
    Case c;
    c.add(recorded("select id,\n  note from orders where id = $1", 1200), columns({"id", "note"}),
          refused("42703", "column \"note\" does not exist", 14));
    const CheckReport report = c.report();
    ASSERT_EQ(report.verdict, Verdict::findings);
    ASSERT_EQ(report.findings.size(), 1U);
    const Finding& finding = report.findings[0];
    EXPECT_EQ(finding.kind, DifferenceKind::error_appeared);
    EXPECT_EQ(finding.sqlstate, "42703");
    EXPECT_EQ(finding.cause, "schema");
    EXPECT_EQ(finding.count, 1200U);
    EXPECT_EQ(finding.example, "PREPARE understudy_check AS\nselect id,\n  note from orders where id = $1;");
    const std::string text = to_text(report);
    EXPECT_TRUE(text.starts_with("FINDINGS: 1 difference, 1 breaking\n1 distinct statement checked in ")) << text;
    EXPECT_THAT(text, HasSubstr("breaks: ERROR 42703: column \"note\" does not exist  [error_appeared]\n"));
    EXPECT_THAT(text, HasSubstr("       note from orders where id = $1\n       ^\n"));
    EXPECT_THAT(text, HasSubstr("ran 1,200 times by app, 2024-02-29T12:34:56Z to 2024-02-29T12:35:56Z\n"));
}

TEST(CheckReport, FoldsVariantsOfOneFingerprint) {
    Case c;
    c.add(recorded("select a from t where c = 1", 2, "app"), columns({"a"}), columns({"a", "b"}));
    c.add(recorded("select a from t where c = '1'", 3, "worker"), columns({"a"}), columns({"a", "b"}));
    const CheckReport report = c.report();
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].count, 5U);
    EXPECT_EQ(report.findings[0].variants, 2U);
    EXPECT_EQ(report.findings[0].users, (std::set<Bytes>{"app", "worker"}));
    EXPECT_THAT(to_text(report), HasSubstr("0A000"));
}

TEST(CheckReport, PutsTheWorstFirst) {
    Case c;
    c.add(recorded("select a from t", 9000), columns({"a"}), columns({"a", "b"}));
    c.add(recorded("select b from t", 1), columns({"b"}), refused("42P01", "gone"));
    c.add(recorded("select c from t", 7), columns({"c"}), refused("42501", "permission denied for schema s"));
    const CheckReport report = c.report();
    ASSERT_EQ(report.findings.size(), 3U);
    EXPECT_EQ(report.findings[0].cause, "privilege");
    EXPECT_EQ(report.findings[1].sqlstate, "42P01");
    EXPECT_EQ(report.findings[2].kind, DifferenceKind::column_added);
    EXPECT_THAT(to_text(report, 1), HasSubstr("... and 2 more"));
}

TEST(CheckReport, IsInconclusiveBelowTheCoverage) {
    Case c;
    c.add(recorded("select a from t", 1), columns({"a"}), columns({"a"}));
    c.add(recorded("select a from temporary", 1), refused("42P01", "no"), refused("42P01", "no"));
    EXPECT_EQ(c.report(0.5).verdict, Verdict::passed);
    const CheckReport report = c.report(0.51);
    EXPECT_EQ(report.verdict, Verdict::inconclusive);
    EXPECT_EQ(report.not_checked, (Reasons{{"fails_on_both", 1}}));
    EXPECT_THAT(to_text(report), HasSubstr("INCONCLUSIVE: coverage is 50.0 %, below the 51.0 % asked for"));
    EXPECT_EQ(Case().report(0).verdict, Verdict::inconclusive) << "nothing to check";
}

TEST(CheckReport, TakesAFailureThatWasRecordedAsChecked) {
    Case c;
    c.add(recorded("select wrong from t", 1), refused("42703", "no"), refused("42703", "no"));
    c.recorded.statements[0].recorded_errors = {"42703"};
    const CheckReport report = c.report();
    EXPECT_EQ(report.verdict, Verdict::passed);
    EXPECT_EQ(report.failed_alike, 1U);
}

TEST(CheckReport, DoesNotTakeATimeOutForAFinding) {
    Case c;
    c.add(recorded("select a from t", 1), columns({"a"}), refused("55P03", "canceling statement due to lock timeout"));
    const CheckReport report = c.report(0);
    EXPECT_EQ(report.verdict, Verdict::inconclusive);
    EXPECT_EQ(report.not_checked, (Reasons{{"server_trouble", 1}}));
}

TEST(CheckReport, CountsWhatCouldNotBeRead) {
    Case c;
    c.add(recorded("select a from t", 1), columns({"a"}), columns({"a"}));
    c.unasked(recorded("do $$ begin end $$", 1));
    c.recorded.unknown_statements = 2;
    c.recorded.called_functions = 1;
    EXPECT_EQ(c.report().not_checked, (Reasons{{"do_block", 1}, {"function_call", 1}, {"statement_unknown", 2}}));
}

TEST(CheckReport, DeclaresParametersInItsExample) {
    Case c;
    RecordedStatement statement = recorded("select $1, $2, $3", 1);
    statement.parameter_types = {23, 16400, 0};
    statement.search_path = "a, b";
    c.add(statement, columns({"a"}), columns({}));
    c.recorded.declared_types[16400] = {"billing", "Mood"};
    EXPECT_EQ(c.report().findings.at(0).example,
              "SELECT set_config('search_path', 'a, b', false);\n"
              "PREPARE understudy_check (integer, billing.\"Mood\", unknown) AS\nselect $1, $2, $3;");
}

TEST(CheckReport, LetsNoControlCharacterReachTheTerminal) {
    Case c;
    c.add(recorded("select \x1b[31m\x9b from t", 1, "a\x07"), columns({"a"}), refused("42601", "at \"\x1b[2J\"", 8));
    const std::string text = to_text(c.report());
    EXPECT_THAT(text, HasSubstr("\\x1b[2J"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\x07")));
    EXPECT_THAT(text, Not(HasSubstr("\x9b")));
}

TEST(CheckReport, IsJsonWhateverTheBytes) {
    Case c;
    c.add(recorded("select '\xff' from t", 4), columns({"a"}), refused("42P01", "no \xfe", 15));
    c.add(recorded("select b from t", 4), columns({"b"}), columns({"b"}));
    CheckReport report = c.report();
    report.baseline = "host=a";
    const auto json = nlohmann::json::parse(to_json(report));
    EXPECT_EQ(json["format_version"], kCheckFormatVersion);
    EXPECT_EQ(json["verdict"], "findings");
    EXPECT_EQ(json["checked"], 2);
    EXPECT_EQ(json["coverage"], 1.0);
    EXPECT_EQ(json["baseline"]["connection"], "host=a");
    ASSERT_EQ(json["findings"].size(), 1U);
    const auto& finding = json["findings"][0];
    EXPECT_EQ(finding["kind"], "error_appeared");
    EXPECT_EQ(finding["severity"], "breaks");
    EXPECT_EQ(finding["sqlstate"], "42P01");
    EXPECT_EQ(finding["count"], 4);
    EXPECT_EQ(finding["position"], 15);
    EXPECT_EQ(finding["fingerprint"].get<std::string>().size(), 16U);
    EXPECT_EQ(finding["users"], nlohmann::json::array({"app"}));
}

}  // namespace
}  // namespace understudy::schema
