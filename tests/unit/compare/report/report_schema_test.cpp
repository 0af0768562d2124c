#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "compare/report/build_report.hpp"
#include "compare/report/outward.hpp"
#include "report.pb.h"
#include "tests/support/answers.hpp"
#include "tests/support/dialogue.hpp"

// The JSON report against its schema, proto/report.proto: no field that the schema does not know.
namespace understudy::compare {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

/// Something in every field.
Report full_report() {
    MadeCapture a("baseline.pgcap"), b("candidate.pgcap"), c("control.pgcap");
    SessionIdentity identity;
    identity.user = "shop";
    identity.application = "checkout";
    identity.database = "shop";
    a.add(SessionOpened{SessionId(1), at_ms(0), false, identity});
    const std::vector<Column> columns{{"id"}, {"name", oid::text}};
    for (int i = 0; i < 40; ++i) {
        for (auto* side : {&a, &b, &c}) {
            const bool candidate = side == &b;
            side->query(1, "SELECT id, name FROM t", {rows(columns, {{"1", candidate ? "x" : "y"}, {"2", std::nullopt}}, true)});
            const char* fraction = candidate ? ".5+00" : side == &c ? ".7+00" : "+00";
            const Bytes moment = "2024-05-01 10:00:0" + std::to_string(i % 10) + fraction;
            side->query(1, "SELECT now()", {rows({{"now", oid::timestamptz}}, {{moment}})});
        }
    }
    a.query(1, "SELECT gone FROM t", {done("SELECT 0")});
    b.query(1, "SELECT gone FROM t", {failed("42703", "no such column")});
    a.query(1, "SELECT 1", {of_outcome(StepOutcome::unanswered)});
    b.query(1, "SELECT 1", {done("SELECT 1")});
    ComparisonOptions options;
    Rule rule;
    rule.finding = "f00000000";
    rule.reason = "because";
    rule.expires = at_ms(1);
    options.report.rules = {rule};
    Inputs inputs{&a, &b, &c, nullptr};
    Report report = *compare_captures(inputs, options);
    RunLatencies run;
    auto& statement = run.statements["0011223344556677"];
    for (int i = 0; i < 50; ++i) statement.sample.add(i);
    LatencyReport latency = report_latency({{run, run}});
    latency.places.at(0).baseline_plan = "Seq Scan on t";
    latency.places.at(0).candidate_plan = "Index Scan on t";
    latency.places.at(0).first_difference = "…";
    add_latency(report, std::move(latency), options.report);
    return report;
}

void expect_schema(const std::string& json) {
    report::v1::Report parsed;
    const auto status = google::protobuf::util::JsonStringToMessage(json, &parsed);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(parsed.format_version(), static_cast<unsigned>(kReportFormatVersion));
    EXPECT_FALSE(parsed.verdict().empty());
}

TEST(ReportSchema, HoldsForAFullReport) {
    const Report report = full_report();
    ASSERT_FALSE(report.findings.empty());
    ASSERT_FALSE(report.noise_places.empty());
    expect_schema(to_json(report));
    expect_schema(to_json(outward(report, test_digester())));
    report::v1::Report parsed;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(to_json(report), &parsed).ok());
    EXPECT_EQ(parsed.findings(0).users(0), "shop");
    bool has_rows = false;
    for (const auto& finding : parsed.findings()) has_rows = has_rows || finding.example().rows_size() > 0;
    EXPECT_TRUE(has_rows);
    EXPECT_EQ(parsed.latency().places_size(), 1);
}

TEST(ReportSchema, HoldsForAnEmptyOne) {
    MadeCapture a, b;
    expect_schema(to_json(compare_made(a, b)));
}

}  // namespace
}  // namespace understudy::compare
