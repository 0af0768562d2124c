#include "core/catalog/target_marker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy::catalog {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kStaging = 7'331'928'374'652'819'281;
constexpr std::uint64_t kProduction = 7'000'000'000'000'000'001;

TargetFacts marked_staging() {
    TargetFacts facts;
    facts.system_identifier = kStaging;
    facts.setting = marker_text(kStaging);
    facts.server_version = "15.6";
    facts.database = "shop";
    facts.user = "replayer";
    return facts;
}

/// The reason of the refusal; empty when it is allowed.
std::string refusal(const TargetFacts& facts, std::uint64_t recorded = kProduction,
                    std::optional<std::uint64_t> given = std::nullopt, bool none = false) {
    const auto judged = judge_target(facts, recorded, given, none);
    if (judged) return "";
    EXPECT_EQ(judged.error().code, Errc::refused);
    EXPECT_EQ(judged.error().message.find('\n'), std::string::npos);
    return judged.error().message;
}

TEST(JudgeTarget, AllowsAMarkedServerThatIsNotProduction) { EXPECT_EQ(refusal(marked_staging()), ""); }

TEST(JudgeTarget, AllowsAMarkerInTheComment) {
    TargetFacts facts = marked_staging();
    facts.setting.reset();
    facts.comment = "nightly copy\nunderstudy.target=" + marker_text(kStaging) + "\nask Ann";
    EXPECT_EQ(refusal(facts), "");
}

TEST(JudgeTarget, RefusesWithoutAMarker) {
    TargetFacts facts = marked_staging();
    facts.setting.reset();
    EXPECT_THAT(refusal(facts), HasSubstr("understudy target --mark"));
    facts.comment = "staging: the real one";
    EXPECT_THAT(refusal(facts), HasSubstr("not marked"));
}

TEST(JudgeTarget, RefusesAMarkerOfAnotherServer) {
    TargetFacts facts = marked_staging();
    facts.system_identifier = kStaging + 1;
    EXPECT_THAT(refusal(facts),
                HasSubstr("names the server 7331928374652819281, but this server is 7331928374652819282"));
    facts.setting.reset();
    facts.comment = marker_text(kStaging);
    EXPECT_THAT(refusal(facts), HasSubstr("copied along"));
}

TEST(JudgeTarget, ASettingOfAnotherServerIsNotHealedByTheComment) {
    TargetFacts facts = marked_staging();
    facts.setting = marker_text(1);
    facts.comment = marker_text(kStaging);
    EXPECT_THAT(refusal(facts), HasSubstr("names the server 1"));
}

TEST(JudgeTarget, RefusesAMarkerOfAnotherForm) {
    const std::string own = std::to_string(kStaging);
    for (const std::string& text :
         {std::string(), std::string("staging"), std::string("staging:"), "staging:" + own + " ", "staging: " + own,
          "Staging:" + own, own, "staging:" + own + "\nstaging:1"}) {
        TargetFacts facts = marked_staging();
        facts.setting = text;
        EXPECT_THAT(refusal(facts), HasSubstr("does not read staging:SYSTEM_IDENTIFIER")) << text;
    }
}

TEST(JudgeTarget, RefusesTheRecordedServerEvenWhenItIsMarked) {
    EXPECT_THAT(refusal(marked_staging(), kStaging), HasSubstr("it is production"));
    EXPECT_THAT(refusal(marked_staging(), kStaging, std::nullopt, true), HasSubstr("it is production"));
    EXPECT_THAT(refusal(marked_staging(), kStaging, kProduction), HasSubstr("it is production"));
}

TEST(JudgeTarget, RefusesTheGivenProduction) {
    EXPECT_THAT(refusal(marked_staging(), 0, kStaging), HasSubstr("it is production"));
    EXPECT_THAT(refusal(marked_staging(), kProduction, kStaging), HasSubstr("it is production"));
}

TEST(JudgeTarget, RefusesAStandby) {
    TargetFacts facts = marked_staging();
    facts.in_recovery = true;
    EXPECT_THAT(refusal(facts), HasSubstr("standby"));
}

TEST(JudgeTarget, RefusesWhatCannotBeIdentified) {
    TargetFacts facts = marked_staging();
    facts.system_identifier.reset();
    EXPECT_THAT(refusal(facts), HasSubstr("GRANT EXECUTE ON FUNCTION pg_control_system() TO \"replayer\""));
    EXPECT_THAT(refusal(facts, 0, std::nullopt, true), HasSubstr("pg_control_system"));
}

TEST(JudgeTarget, AnUnknownProductionHasToBeNamed) {
    EXPECT_THAT(refusal(marked_staging(), 0), HasSubstr("--production-id none"));
    EXPECT_EQ(refusal(marked_staging(), 0, kProduction), "");
    EXPECT_EQ(refusal(marked_staging(), 0, std::nullopt, true), "");
}

TEST(ParseSystemIdentifier, TakesWhatServersAndPeopleWrite) {
    EXPECT_EQ(parse_system_identifier("7331928374652819281"), kStaging);
    EXPECT_EQ(parse_system_identifier("18446744073709551615"), ~std::uint64_t{0});
    EXPECT_EQ(parse_system_identifier("-1"), ~std::uint64_t{0}) << "pg_control_system() shows it signed";
    for (const BytesView text : {"", "0", "-", "-0", "1x", " 1", "1 ", "18446744073709551616", "none"}) {
        EXPECT_EQ(parse_system_identifier(text), std::nullopt) << text;
    }
}

TEST(FindMarker, OfSeveralInACommentTheServersOwnCounts) {
    TargetFacts facts = marked_staging();
    facts.setting.reset();
    facts.comment = "staging:5 " + marker_text(kStaging) + ", staging:6";
    EXPECT_EQ(find_marker(facts)->identifier, kStaging);
    facts.system_identifier = 9;
    EXPECT_EQ(find_marker(facts)->identifier, 5U);
}

TEST(FindMarker, AWordThatOnlyContainsItIsNoMarker) {
    TargetFacts facts = marked_staging();
    facts.setting.reset();
    for (const std::string& text :
         std::vector<std::string>{"prestaging:" + std::to_string(kStaging), marker_text(kStaging) + "x",
                                  "staging:99999999999999999999999", "staging:"}) {
        facts.comment = text;
        EXPECT_FALSE(find_marker(facts)) << text;
    }
}

TEST(CommentWithMarker, KeepsTheOtherText) {
    EXPECT_EQ(comment_with_marker("", 7), "understudy.target=staging:7");
    EXPECT_EQ(comment_with_marker("ours", 7), "ours\nunderstudy.target=staging:7");
    EXPECT_EQ(comment_with_marker("ours\nunderstudy.target=staging:6\nmore", 7),
              "ours\nmore\nunderstudy.target=staging:7");
    EXPECT_EQ(comment_with_marker("understudy.target=staging:6", 7), "understudy.target=staging:7");
}

TEST(CommentWithMarker, TakesEveryMarkerOut) {
    for (const Bytes comment : {"", "ours", "ours\n", "two\nlines"}) {
        EXPECT_EQ(comment_with_marker(comment_with_marker(comment, 7), std::nullopt), comment);
    }
    EXPECT_EQ(comment_with_marker("staging:1\nours staging:2 here\nstaging:3", std::nullopt), "ours  here");
}

TEST(ParseTargetFacts, TakesTheRowOfTheQuery) {
    const auto facts = parse_target_facts(
        {"7331928374652819281", "staging:7331928374652819281", std::nullopt, "f", "15.6", "shop", "replayer", "f"});
    ASSERT_TRUE(facts);
    EXPECT_EQ(*facts, marked_staging());
    const auto other = parse_target_facts({std::nullopt, std::nullopt, "text", "t", "15.6", "shop", "replayer", "t"});
    ASSERT_TRUE(other);
    EXPECT_EQ(other->system_identifier, std::nullopt);
    EXPECT_EQ(other->setting, std::nullopt);
    EXPECT_EQ(other->comment, "text");
    EXPECT_TRUE(other->in_recovery);
    EXPECT_TRUE(other->superuser);
}

TEST(ParseTargetFacts, AnyOtherRowIsAnError) {
    using Cells = std::vector<std::optional<BytesView>>;
    const Cells good = {"7", std::nullopt, std::nullopt, "f", "15.6", "shop", "replayer", "f"};
    ASSERT_TRUE(parse_target_facts(good));
    std::vector<Cells> bad(8, good);
    bad[0].clear();
    bad[1].pop_back();
    bad[2].emplace_back("more");
    bad[3][0] = "seven";
    bad[4][3] = std::nullopt;
    bad[5][3] = "true";
    bad[6][7] = "";
    bad[7][5] = std::nullopt;
    for (const Cells& row : bad) {
        const auto facts = parse_target_facts(row);
        ASSERT_FALSE(facts);
        EXPECT_EQ(facts.error().code, Errc::protocol);
    }
}

}  // namespace
}  // namespace understudy::catalog
