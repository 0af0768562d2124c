#include "compare/report/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/report/outward.hpp"
#include "compare/report/text_layout.hpp"
#include "compare/report/time_text.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

/// A shop whose orders lose a column, whose customers get a narrower one, and whose clock goes on.
void play(MadeCapture& shop, bool changed, const Bytes& clock) {
    const std::vector<Column> customer{{"id"}, {"who", oid::varchar, changed ? 24 : 204}};
    for (std::uint64_t session = 1; session <= 3; ++session) {
        shop.query(session, "BEGIN", {done("BEGIN")}, 'T');
        const Bytes insert = "INSERT INTO orders (customer, discount) VALUES ($1, $2)";
        if (changed) {
            shop.extended(
                session,
                {pgwire::Parse{"", insert, {}}, pgwire::Bind{"", "", {}, {"7", "0.10"}, {}}, pgwire::Execute{}},
                {as(StepKind::parse, failed("42703", "column \"discount\" of relation \"orders\" does not exist")),
                 as(StepKind::bind, of_outcome(StepOutcome::skipped)),
                 as(StepKind::execute, of_outcome(StepOutcome::skipped))},
                'E');
        } else {
            shop.execute(session, insert, {"7", "0.10"}, done("INSERT 0 1"), 'T');
        }
        shop.query(session, "COMMIT", {done(changed ? "ROLLBACK" : "COMMIT")});
        shop.query(session, "SELECT count(*) FROM orders", {rows({{"count", oid::int8}}, {{changed ? "0" : "3"}})});
        shop.query(session, "SELECT id, who FROM customers ORDER BY id",
                   {rows(customer, {{"1", "Ada"}, {"2", "Grace"}})});
        shop.query(session, "SELECT name FROM products WHERE id = 4",
                   {rows({{"name", oid::text}}, {{changed ? "Tea (green)" : "Green tea"}}, true)});
        shop.query(session, "SELECT now()", {rows({{"now", oid::timestamptz}}, {{clock}})});
        shop.close(session);
    }
}

Report shop_report() {
    MadeCapture a("baseline.pgcap"), b("candidate.pgcap"), c("control.pgcap");
    play(a, false, "2024-05-01 10:00:00+00");
    play(b, true, "2024-05-01 11:00:00+00");
    play(c, false, "2024-05-01 12:00:00+00");
    b.query(4, "SELECT 1", {rows({{"x"}}, {{"1"}})});
    return compare_made(a, b, &c);
}

TEST(Report, TextOfADivergentRun) { expect_golden("compare/divergent.txt", to_text(shop_report(), {})); }

TEST(Report, JsonOfADivergentRun) {
    expect_golden("compare/divergent.json", to_json(outward(shop_report(), test_digester())));
}

TEST(Report, TextOfAnEqualRun) {
    MadeCapture a("baseline.pgcap"), b("candidate.pgcap");
    play(a, false, "2024-05-01 10:00:00+00");
    play(b, false, "2024-05-01 10:00:00+00");
    expect_golden("compare/same.txt", to_text(compare_made(a, b), {}));
}

TEST(Report, JsonHasWhatReadersNeed) {
    const auto json = nlohmann::json::parse(to_json(shop_report()));
    EXPECT_EQ(json["format_version"], 1);
    EXPECT_EQ(json["verdict"], "divergent");
    for (const char* field : {"compared", "diverged", "not_compared", "noise"})
        EXPECT_TRUE(json.contains(field)) << field;
    for (const auto& finding : json["findings"]) {
        for (const char* field : {"kind", "statement", "fingerprint", "place", "count", "cause", "example"}) {
            EXPECT_TRUE(finding.contains(field)) << field;
        }
    }
}

TEST(Report, BytesThatAreNotUtf8DoNotBreakTheJson) {
    MadeCapture a, b;
    a.query(1, "SELECT '\xE9\xFF'", {done("SELECT 0")});
    b.query(1, "SELECT '\xE9\xFF'", {failed("22021", "bad \xFF")});
    EXPECT_TRUE(nlohmann::json::accept(to_json(compare_made(a, b))));
}

TEST(Report, OnlySoManyFindingsAreShown) {
    Report report = shop_report();
    ReportOptions options;
    options.max_findings = 1;
    const std::string text = to_text(report, options);
    EXPECT_NE(text.find(" 1. "), std::string::npos);
    EXPECT_EQ(text.find(" 2. "), std::string::npos);
    EXPECT_NE(text.find("more findings"), std::string::npos);
}

TEST(TextLayout, WrapsAndKeepsTheTerminalSafe) {
    TextLayout out;
    out.field(0, "Label", std::string(60, 'a') + " " + std::string(60, 'b'));
    out.field(2, "Evil", "\x1b[31mred\nline");
    out.verbatim(2, "", "SELECT 1\n  FROM t;");
    EXPECT_EQ(out.take(), "Label         " + std::string(60, 'a') + "\n" + std::string(14, ' ') + std::string(60, 'b') +
                              "\n  Evil          .[31mred line\n" + std::string(16, ' ') + "SELECT 1\n" +
                              std::string(16, ' ') + "  FROM t;\n");
}

TEST(TextLayout, IsUtf8WhateverTheValuesAre) {
    TextLayout out;
    out.field(0, "Row", "Zo\xeb and \x9b" "31m, \xc2\x9b" "31m, Zoë");
    EXPECT_EQ(out.take(), "Row           Zo\uFFFD and \uFFFD31m, \uFFFD31m, Zoë\n");
}

TEST(TextLayout, GroupsDigits) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(UtcText, HasMilliseconds) {
    EXPECT_EQ(utc_text(Timestamp::from_ns(1'714'557'600'123'999'999)), "2024-05-01T10:00:00.123Z");
    EXPECT_EQ(utc_text(Timestamp::from_ns(-1)), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace understudy::compare
