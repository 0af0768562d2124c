#include "compare/report/writers.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/report/migration_place.hpp"
#include "compare/report/plain_text.hpp"
#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

using namespace testing;

/// So many findings, whose texts try to end whatever they stand in.
Report hostile_report(int findings) {
    MadeCapture a("baseline.pgcap"), b("candidate.pgcap");
    for (int i = 0; i < findings; ++i) {
        const Bytes sql = "select x" + std::to_string(i) + " from \"</script><b>]]>`|%0A::error::\" where y = '\xFF\x01```'";
        a.query(1, sql, {done("SELECT 0")});
        b.query(1, sql, {failed("42703", "column \"x\"\r\n::warning:: <&>' ]]> does not exist")});
    }
    return compare_made(a, b);
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t times = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++times;
    return times;
}

TEST(Html, IsOnePageThatNothingInItCanEnd) {
    const std::string page = to_html(hostile_report(3));
    EXPECT_EQ(count(page, "<!doctype html>"), 1U);
    EXPECT_EQ(count(page, "</script>"), 2U) << "the report's and the program's";
    EXPECT_EQ(page.find("<!--"), std::string::npos) << "every placeholder was filled in";
    EXPECT_EQ(page.find("<b>]]>"), std::string::npos);
    EXPECT_NE(page.find("DIVERGENT: 3 findings: 3 breaking"), std::string::npos);
}

TEST(Junit, CountsAndEscapes) {
    const std::string xml = to_junit(hostile_report(2));
    EXPECT_NE(xml.find("<testsuites name=\"understudy compare\" tests=\"3\" failures=\"2\" errors=\"0\">"), std::string::npos);
    EXPECT_EQ(count(xml, "<testcase "), 3U);
    EXPECT_EQ(count(xml, "<failure "), 2U);
    EXPECT_EQ(xml.find("<b>"), std::string::npos);
    EXPECT_EQ(xml.find('\x01'), std::string::npos);
    EXPECT_EQ(xml.find('\xFF'), std::string::npos);
}

TEST(Junit, DoubtsAreAnErrorAndSameIsAPassedTest) {
    MadeCapture a, b;
    const std::string nothing = to_junit(compare_made(a, b));
    EXPECT_NE(nothing.find("tests=\"1\" failures=\"0\" errors=\"1\""), std::string::npos);
    EXPECT_NE(nothing.find("the baseline holds no answered step"), std::string::npos);
    MadeCapture c, d;
    c.query(1, "select 1", {done("SELECT 1")});
    d.query(1, "select 1", {done("SELECT 1")});
    EXPECT_NE(to_junit(compare_made(c, d)).find("tests=\"1\" failures=\"0\" errors=\"0\""), std::string::npos);
}

TEST(Sarif, HasWhatTheStandardRequires) {
    Report report = hostile_report(2);
    locate(report, "migrations/7.sql",
           "-- first\nalter table other add y int;\n\n-- then\nalter table \"</script><b>]]>`|%0A::error::\"\n"
           " drop column x;\n");
    const auto json = nlohmann::json::parse(to_sarif(report));
    EXPECT_EQ(json["version"], "2.1.0");
    const auto& run = json["runs"].at(0);
    EXPECT_EQ(run["tool"]["driver"]["name"], "Understudy");
    ASSERT_EQ(run["results"].size(), 2U);
    std::set<std::string> rules;
    for (const auto& rule : run["tool"]["driver"]["rules"]) rules.insert(rule["id"]);
    for (const auto& result : run["results"]) {
        EXPECT_TRUE(rules.contains(result["ruleId"]));
        EXPECT_EQ(result["level"], "error");
        EXPECT_FALSE(result["message"]["text"].get<std::string>().empty());
        const auto& place = result["locations"].at(0)["physicalLocation"];
        EXPECT_EQ(place["artifactLocation"]["uri"], "migrations/7.sql");
        EXPECT_EQ(place["region"]["startLine"], 5);
    }
}

TEST(Sarif, PathsAreUris) {
    Report report = hostile_report(1);
    locate(report, "my migrations/7%.sql", "");
    const auto json = nlohmann::json::parse(to_sarif(report));
    EXPECT_EQ(json["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
              "my%20migrations/7%25.sql");
}

TEST(Github, IsACommandALineWhateverTheTextsHold) {
    const std::string text = to_github(hostile_report(2));
    EXPECT_EQ(count(text, "\n"), 3U);
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        EXPECT_EQ(text.substr(at, 2), "::") << text.substr(at, 80);
    }
}

TEST(Markdown, StaysShortAndSaysWhatItLeavesOut) {
    const std::string text = to_markdown(hostile_report(400));
    EXPECT_LT(text.size(), kMaxMarkdown);
    EXPECT_EQ(count(text, "<details>"), count(text, "</details>"));
    EXPECT_NE(text.find(" more findings; the HTML or JSON report has them all."), std::string::npos);
    for (std::size_t at = text.find("<summary>"); at != std::string::npos; at = text.find("<summary>", at + 1)) {
        EXPECT_EQ(text.substr(at, text.find('\n', at) - at).find("<b>]]>"), std::string::npos);
    }
}

TEST(PlainText, BecomesUtf8) {
    EXPECT_EQ(clean_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\n"), "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\n");
    EXPECT_EQ(clean_utf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "overlong";
    EXPECT_EQ(clean_utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "a surrogate";
    EXPECT_EQ(clean_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "cut";
    EXPECT_EQ(clean_utf8(BytesView("\0", 1)), "\xEF\xBF\xBD");
    EXPECT_EQ(clean_utf8("\xEF\xBF\xBF\xEF\xBF\xBE"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "no XML document may hold them";
    EXPECT_EQ(clean_utf8("\xC2\x9B" "1m\xC2\xA0"), "\xEF\xBF\xBD" "1m\xC2\xA0") << "CSI in one character";
}

TEST(LineToBlame, IsThatOfTheStatementWhichNamesMost) {
    Finding finding;
    finding.relations = {"orders"};
    finding.place = "error";
    finding.candidate = "ERROR 42703: column \"discount\" does not exist";
    const Bytes migration =
        "alter table orders add note text;\nalter table items drop column discount;\n\n/* gone */\nALTER TABLE orders\n"
        "  DROP COLUMN discount;\n";
    EXPECT_EQ(line_to_blame(migration, finding), 5U);
    finding.relations = {"customers"};
    EXPECT_EQ(line_to_blame(migration, finding), std::nullopt);
    EXPECT_EQ(line_to_blame("", finding), std::nullopt);
}

}  // namespace
}  // namespace understudy::compare
