// Parts of a comparison, through their files, give the report that one comparison gives.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/part/part_codec.hpp"
#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

/// Forty sessions with errors and their echoes, other values, notices, noise, and bytes that are no UTF-8.
struct Night {
    MadeCapture a{"a.pgcap"};
    MadeCapture b{"b.pgcap"};
    MadeCapture c{"c.pgcap"};

    Night() {
        for (std::uint64_t i = 0; i < 400; ++i) play(1 + i % 40, i);
        a.add(Counters{{{"loss.kernel_drops", 3}}, SessionId()});
        a.add(Gap{SessionId(7), Timestamp::from_ns(5), true, 12, 0});
    }
    void play(std::uint64_t session, std::uint64_t i) {
        const Bytes id = std::to_string(i);
        const std::vector<Column> columns{{"id"}, {"name", oid::text}};
        const auto answer = [&](const Bytes& name) { return rows(columns, {{id, name}}, true); };
        const Bytes read = "SELECT id, name FROM products WHERE id = " + id;
        a.query(session, read, {answer("caf\xe9")});
        b.query(session, read, {answer(i % 10 == 3 ? "other \xff\x00z" : "caf\xe9")});
        c.query(session, read, {answer("caf\xe9")});
        const Bytes clock = "SELECT clock() AS name, " + id + " AS id";
        for (auto* side : {&a, &b, &c}) side->query(session, clock, {answer(side == &a ? "1" : side == &b ? "2" : "3")});
        for (auto* side : {&a, &b, &c}) side->query(session, "BEGIN", {done("BEGIN")}, 'T');
        const Bytes insert = "INSERT INTO orders VALUES (" + id + ")";
        const bool fails = i % 7 == 0;
        a.query(session, insert, {done("INSERT 0 1")}, 'T');
        c.query(session, insert, {done("INSERT 0 1")}, 'T');
        b.query(session, insert, {fails ? failed("23502", "null value in column \"discount\"") : done("INSERT 0 1")},
                fails ? 'E' : 'T');
        a.query(session, "COMMIT", {done("COMMIT")});
        c.query(session, "COMMIT", {done("COMMIT")});
        b.query(session, "COMMIT", {done(fails ? "ROLLBACK" : "COMMIT")});
    }
    ComparisonPart part(SessionPart which) {
        ComparisonOptions options;
        options.part = which;
        auto part = compare_part({&a, &b, &c, nullptr}, options);
        EXPECT_TRUE(part) << (part ? "" : part.error().message);
        return part ? std::move(*part) : ComparisonPart();
    }
};

ComparisonPart through_file(const ComparisonPart& part) {
    auto read = parse_part(to_text(part));
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return read ? std::move(*read) : ComparisonPart();
}

class Parts : public ::testing::Test {
protected:
    Night night_;
    ReportOptions options_;
};

TEST_F(Parts, TogetherGiveTheReportOfTheWhole) {
    const ComparisonPart whole = night_.part({});
    const std::string expected = to_json(report_of(whole, options_));
    EXPECT_EQ(report_of(whole, options_).verdict, ReportVerdict::divergent);
    EXPECT_EQ(to_json(report_of(through_file(whole), options_)), expected);
    for (const std::uint32_t of : {2U, 3U, 100U}) {
        ComparisonPart merged = through_file(night_.part({of, of}));
        for (std::uint32_t index = of - 1; index >= 1; --index) {
            EXPECT_FALSE(merged.missing().empty());
            ASSERT_TRUE(merged.add(through_file(night_.part({index, of}))));
        }
        EXPECT_EQ(merged.missing(), "");
        const Report report = report_of(merged, options_);
        EXPECT_EQ(report.findings.size(), report_of(whole, options_).findings.size());
        EXPECT_EQ(report.inputs.front().notes.gaps, 1U);
        EXPECT_EQ(report.inputs.front().notes.losses.at("kernel_drops"), 3U);
        // Which occurrence is the example may be another one.
        auto of_whole = nlohmann::json::parse(expected);
        auto of_parts = nlohmann::json::parse(to_json(report));
        for (auto* json : {&of_whole, &of_parts}) {
            for (auto& finding : (*json)["findings"]) finding.erase("example");
        }
        EXPECT_EQ(of_parts["findings"], of_whole["findings"]);
        EXPECT_EQ(of_parts["coverage"], of_whole["coverage"]);
        EXPECT_EQ(of_parts["verdict"], of_whole["verdict"]);
    }
}

TEST_F(Parts, ThoseThatDoNotBelongTogetherAreRefused) {
    ComparisonPart first = night_.part({1, 2});
    EXPECT_FALSE(first.add(night_.part({1, 2}))) << "twice";
    EXPECT_FALSE(first.add(night_.part({2, 3}))) << "of another number";
    EXPECT_EQ(first.missing(), "2/2");
    Night other;
    other.a.made_header().description = "another replay";
    EXPECT_FALSE(first.add(other.part({2, 2})));
    ComparisonPart tolerant = night_.part({2, 2});
    tolerant.tolerances = "0  column total 1 0 0\n";
    EXPECT_FALSE(first.add(std::move(tolerant)));
    EXPECT_TRUE(first.add(night_.part({2, 2})));
}

TEST_F(Parts, WhatIsNoPartIsRefused) {
    const std::string text = to_text(night_.part({1, 2}));
    EXPECT_TRUE(parse_part(text));
    for (const char* bad : {"", "{}", "[]", "null", R"({"format":"understudy comparison part"})"}) {
        EXPECT_FALSE(parse_part(bad)) << bad;
    }
    const auto changed = [&](const std::string& from, const std::string& to) {
        std::string other = text;
        const auto at = other.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        if (at != std::string::npos) other.replace(at, from.size(), to);
        return parse_part(other);
    };
    EXPECT_EQ(changed("\"version\":3", "\"version\":4").error().code, Errc::unsupported);
    EXPECT_FALSE(changed("\"index\":1", "\"index\":3")) << "beyond its number";
    EXPECT_FALSE(changed("\"cause\":", "\"cause\":99,\"old\":"));
    EXPECT_FALSE(changed("\"width\":", "\"width\":-5,\"old\":"));
    EXPECT_FALSE(changed("\"count\":", "\"count\":-1,\"old\":"));
    EXPECT_FALSE(parse_part(std::string_view(text).substr(0, text.size() / 2)));
}

}  // namespace
}  // namespace understudy::compare
