#include "compare/analysis/noise_ledger.hpp"

#include <gmock/gmock.h>

#include "tests/support/answers.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
using ::testing::HasSubstr;
namespace oid = pgwire::type_oid;

class Nights : public ::testing::Test {
protected:
    static void play(MadeCapture& shop, int run, const Bytes& total) {
        for (std::uint64_t session = 1; session <= 20; ++session) {
            shop.query(session, "SELECT job()", {rows({{"job", oid::int4}}, {{std::to_string(run * 100)}})});
            shop.query(session, "SELECT total FROM orders", {rows({{"total", oid::int4}}, {{total}})});
        }
    }
    Report compare(const NoiseLedger& known, bool control, const Bytes& total = "7") {
        MadeCapture a("a"), b("b"), c("c");
        play(a, 1, "7");
        play(b, 2, total);
        play(c, 3, "7");
        ComparisonOptions options;
        options.report.known_noise = known;
        options.report.now = now_;
        Inputs inputs{};
        inputs[index_of(Side::baseline)] = &a;
        inputs[index_of(Side::candidate)] = &b;
        if (control) inputs[index_of(Side::control)] = &c;
        return *compare_captures(inputs, options);
    }
    Timestamp now_ = Timestamp::from_ns(20'000LL * 86'400 * 1'000'000'000);
};

TEST_F(Nights, WhatAControlShowedOnceIsNoiseWithoutOne) {
    EXPECT_EQ(compare({}, false).findings.size(), 1U) << "nothing is known";
    const NoiseLedger first = compare({}, true).known_noise;
    EXPECT_EQ(first.nights(), 1U);
    EXPECT_EQ(first.size(), 1U);
    const Report second = compare(first, false);
    EXPECT_EQ(second.verdict, ReportVerdict::same);
    ASSERT_EQ(second.noise_places.size(), 1U);
    EXPECT_EQ(second.noise_places[0].why, "known noise: unchanged runs differed there on 1 of 1 nights");
    EXPECT_EQ(second.known_noise.nights(), 1U) << "without a control nothing is learned";
}

TEST_F(Nights, ARealChangeIsFoundBesideKnownNoise) {
    const NoiseLedger first = compare({}, true).known_noise;
    const Report second = compare(first, false, "8");
    ASSERT_EQ(second.findings.size(), 1U);
    EXPECT_EQ(second.findings[0].place, "column total");
}

TEST_F(Nights, TheFileIsReadAgainAsItWas) {
    const NoiseLedger ledger = compare({}, true).known_noise;
    const auto again = NoiseLedger::parse(ledger.to_text());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->to_text(), ledger.to_text());
    EXPECT_EQ(compare(*again, false).verdict, ReportVerdict::same);
    EXPECT_TRUE(NoiseLedger::parse(""));
    for (const char* text : {"x", "{}", "[]", R"({"noise_ledger":9,"nights":1,"cells":[]})",
                             R"({"noise_ledger":1,"nights":-1,"cells":[]})", R"({"noise_ledger":1,"nights":1,"cells":[{}]})",
                             R"({"noise_ledger":1,"nights":1,"cells":[{"cell":"a","nights":1,"sessions":-1,"last_day":1}]})"}) {
        EXPECT_FALSE(NoiseLedger::parse(text)) << text;
    }
}

TEST_F(Nights, WhatIsNotSeenForLongIsForgotten) {
    NoiseLedger ledger = compare({}, true).known_noise;
    Tally nothing;
    ledger.add_night(nothing, now_ + Duration::seconds(59LL * 86'400));
    EXPECT_EQ(ledger.size(), 1U);
    ledger.add_night(nothing, now_ + Duration::seconds(61LL * 86'400));
    EXPECT_EQ(ledger.size(), 0U);
    EXPECT_EQ(ledger.nights(), 3U);
}

}  // namespace
}  // namespace understudy::compare
