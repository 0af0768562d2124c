#include "schema/fidelity/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "schema/fidelity/environment_codec.hpp"

namespace understudy::schema::fidelity {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Certificate certificate() {
    Certificate made;
    made.taken = Timestamp::from_ns(1'700'000'000'000'000'000);
    made.production = {"shop", "15.6", "0123456789abcdef", made.taken};
    made.staging = {"shop_staging", "15.6", "0123456789abcdef", made.taken};
    made.comparison.compared = 99;
    made.comparison.differences = {{DifferenceClass::warning, "row counts", "table orders", "1000", "1", "fewer rows"}};
    made.comparison.not_known = {{"statistics", "staging: not there"}};
    made.capture = CaptureQuality{99.5, 1000, 10, {"1 gap"}};
    Reproduced& found = made.reproduced.emplace();
    found.calls = share_of(90, 100);
    found.table_calls = share_of(40, 50);
    found.fingerprints = share_of(4, 5);
    found.differing = 7;
    found.open = 2;
    found.unjudged = 1;
    found.unjudged_reasons = {{"candidate: not sent", 3}};
    found.not_covered = {{"00ff", "select $1", 20, 10, 7, 2, "value"}};
    made.migration_given = true;
    made.migration = {{"orders", "total", 2, 10, 9}};
    made.probe = {{"commits", 5}};
    made.drift = Drift{made.taken, made.comparison.differences, {}, share_of(1, 2)};
    return made;
}

Environment environment() {
    Environment made;
    made.taken = Timestamp::from_ns(5);
    made.keyed = true;
    made.key_id = "key";
    made.facts = {{"major version", "15"}};
    made.settings = {{"TimeZone", "UTC", "default"}};
    made.roles = {{"a\xff", {"login"}, {"b", "c"}}};
    made.tables = {{"public", "t", -1, 8192, 0, 0.125, 3}};
    made.columns = {{"public", "t", "c", 0.5, 12, {0.25, 0.125}, {"aa", "bb"}, {0.1, 0.2}, -1, -0.5},
                    {"public", "t", "d", 0, 0, {}, {}, {}, std::nullopt, 0}};
    made.sequences = {{"public", "s", 1000, true}};
    made.unread = {{"roles", "permission denied\nline"}};
    made.schema.server_version = 150006;
    made.schema.database = "shop";
    made.schema.objects = {{{"relation", "public", "", "t"}, {{"owner", "}\n{"}}}};
    return made;
}

TEST(Certificate, IsReadAsItWasWritten) {
    const auto read = parse_certificate(to_json(certificate()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, certificate());
}

TEST(Certificate, WhatIsCutOrOfAnotherKindIsRefused) {
    const std::string text = to_json(certificate());
    for (std::size_t length = 0; length + 2 < text.size(); length += 7) {
        const auto read = parse_certificate(BytesView(text).substr(0, length));
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, Errc::malformed);
    }
    EXPECT_FALSE(parse_certificate("[]"));
    EXPECT_FALSE(parse_certificate(to_json(environment())));
    std::string newer = text;
    newer.replace(newer.find("\"understudy_fidelity\": 1"), 24, "\"understudy_fidelity\": 2");
    EXPECT_EQ(parse_certificate(newer).error().code, Errc::unsupported);
}

TEST(Certificate, OneGateIsEnough) {
    Certificate made = certificate();
    EXPECT_TRUE(made.holds());
    EXPECT_THAT(to_text(made), HasSubstr("FIDELITY: no gate differs; 1 warning limits"));
    made.comparison.differences.insert(made.comparison.differences.begin(),
                                       {DifferenceClass::gate, "schema", "x\x1b[2J", "a", "b", "x\x1b[2J differs"});
    EXPECT_FALSE(made.holds());
    EXPECT_THAT(to_text(made), HasSubstr("NO FIDELITY: staging cannot stand for production: 1 gate differs"));
    EXPECT_THAT(to_text(made), Not(HasSubstr("\x1b")));
}

TEST(Certificate, WhatDoesNotReproduceIsNotCovered) {
    const std::string text = to_text(certificate());
    EXPECT_THAT(text, HasSubstr("calls             90.0 % of 100"));
    EXPECT_THAT(text, HasSubstr("not covered: 10 of 20 calls, value: select $1"));
    EXPECT_THAT(text, Not(HasSubstr("passed")));
}

TEST(Certificate, DriftIsWhatCameAndWent) {
    Certificate earlier = certificate();
    Certificate now = certificate();
    EXPECT_TRUE(drift_since(earlier, now).come.empty());
    now.comparison.differences[0].staging = "2";
    const Drift drift = drift_since(earlier, now);
    ASSERT_EQ(drift.come.size(), 1U);
    EXPECT_EQ(drift.come[0].staging, "2");
    ASSERT_EQ(drift.gone.size(), 1U);
    EXPECT_EQ(drift.gone[0].staging, "1");
    EXPECT_EQ(drift.calls_before, earlier.reproduced->calls);
}

TEST(EnvironmentFile, IsReadAsItWasWritten) {
    const auto read = parse_environment(to_json(environment()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, environment());
}

TEST(EnvironmentFile, WhatIsCutOrChangedIsRefused) {
    const std::string text = to_json(environment());
    for (std::size_t length = 0; length + 2 < text.size(); ++length) {
        EXPECT_FALSE(parse_environment(BytesView(text).substr(0, length))) << length;
    }
    std::string newer = text;
    newer.replace(newer.find("\"understudy_environment\": 1"), 27, "\"understudy_environment\": 9");
    EXPECT_EQ(parse_environment(newer).error().code, Errc::unsupported);
    std::string older = text;
    older.replace(older.find("-0.5"), 4, "null");
    EXPECT_EQ(parse_environment(older).error().code, Errc::malformed);
}

TEST(Interval, IsWilsons) {
    // Brown, Cai and DasGupta's formula by hand: 8 of 10.
    const auto [low, high] = wilson_interval(0.8, 10);
    EXPECT_NEAR(low, 0.4902, 0.0001);
    EXPECT_NEAR(high, 0.9433, 0.0001);
    EXPECT_EQ(wilson_interval(0, 0), std::pair(0.0, 1.0));
    EXPECT_DOUBLE_EQ(share_of(10, 10).high, 1);
    EXPECT_NEAR(share_of(10, 10).low, 0.7225, 0.0001);
}

TEST(Interval, CallsOfFewSessionsSayLittle) {
    // All calls of a session alike: as many observations as sessions, about.
    const std::vector<Cluster> alike{{1000, 1000}, {0, 1000}, {1000, 1000}, {0, 1000}};
    EXPECT_NEAR(effective_size(alike), 3, 0.01);
    const std::vector<Cluster> mixed{{500, 1000}, {500, 1000}, {500, 1000}, {500, 1000}};
    EXPECT_EQ(effective_size(mixed), 4000);
    EXPECT_EQ(effective_size({{5, 5}, {7, 7}}), 2);
    EXPECT_EQ(effective_size({{5, 7}}), 1);
    EXPECT_EQ(effective_size({}), 0);
    EXPECT_LT(share_of(alike).low, 0.2);
}

}  // namespace
}  // namespace understudy::schema::fidelity
