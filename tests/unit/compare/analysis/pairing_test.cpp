#include "compare/analysis/pairing.hpp"

#include <gtest/gtest.h>

namespace understudy::compare {
namespace {

constexpr Side kA = Side::baseline;
constexpr Side kB = Side::candidate;
constexpr Side kC = Side::control;

/// Writes down what it is handed: "session.ordinal sides missing".
class Listener final : public PairListener {
public:
    void on_pair(PairedExchange&& pair) override {
        std::string text =
            std::to_string(pair.id.session.value()) + "." + std::to_string(pair.id.ordinal.value()) + " ";
        for (std::size_t i = 0; i < kSides; ++i) text += pair.sides[i] ? "ABCD"[i] : '-';
        for (const Bytes& why : pair.missing) text += why.empty() ? "" : " " + why;
        pairs.push_back(text);
    }
    void on_session_done(SessionId session) override { done.push_back(session.value()); }
    std::vector<std::string> pairs;
    std::vector<std::uint64_t> done;
};

ObservedExchange exchange(std::uint64_t session, std::uint32_t ordinal, std::size_t bytes = 0) {
    ObservedExchange made;
    made.id = {SessionId(session), Ordinal(ordinal)};
    made.ended = true;
    if (bytes > 0) {
        made.steps.emplace_back();
        made.steps.back().result.row_description.assign(bytes, 'x');
    }
    return made;
}

using Pairs = std::vector<std::string>;

TEST(Pairing, HandsOnWhatAllSidesHave) {
    Listener listener;
    Pairing pairing({true, true, true, false}, Pairing::kDefaultMemoryLimit, listener);
    pairing.on_exchange(kA, exchange(1, 0));
    pairing.on_exchange(kB, exchange(1, 0));
    EXPECT_TRUE(listener.pairs.empty());
    EXPECT_EQ(pairing.awaited(kC), 1U);
    pairing.on_exchange(kC, exchange(1, 0));
    EXPECT_EQ(listener.pairs, Pairs{"1.0 ABC-"});
    EXPECT_EQ(pairing.memory(), 0U);
    EXPECT_EQ(pairing.awaited(kC), 0U);
}

TEST(Pairing, ALaterExchangeShowsThatOneIsMissing) {
    Listener listener;
    Pairing pairing({true, true, false, false}, Pairing::kDefaultMemoryLimit, listener);
    pairing.on_exchange(kA, exchange(1, 0));
    pairing.on_exchange(kA, exchange(1, 1));
    pairing.on_exchange(kB, exchange(1, 1));
    EXPECT_EQ(listener.pairs, (Pairs{"1.0 A--- not in the capture", "1.1 AB--"}));
}

TEST(Pairing, AnEndedSessionSaysWhy) {
    Listener listener;
    Pairing pairing({true, true, false, false}, Pairing::kDefaultMemoryLimit, listener);
    pairing.on_session_end(kB, SessionId(1), "session failed (28P01)");
    pairing.on_exchange(kA, exchange(1, 0));
    EXPECT_EQ(listener.pairs, Pairs{"1.0 A--- session failed (28P01)"});
    EXPECT_TRUE(listener.done.empty());
    pairing.on_session_end(kA, SessionId(1), "terminated");
    EXPECT_EQ(listener.done, std::vector<std::uint64_t>{1});
}

TEST(Pairing, TheEndOfACaptureEndsAllWaiting) {
    Listener listener;
    Pairing pairing({true, true, false, false}, Pairing::kDefaultMemoryLimit, listener);
    pairing.on_exchange(kA, exchange(2, 0));
    pairing.on_exchange(kA, exchange(1, 0));
    pairing.on_exchange(kB, exchange(3, 0));
    pairing.on_side_end(kB);
    pairing.on_exchange(kA, exchange(2, 1));
    pairing.on_side_end(kA);
    EXPECT_EQ(listener.pairs, (Pairs{"1.0 A--- not in the capture", "2.0 A--- not in the capture",
                                     "2.1 A--- not in the capture", "3.0 -B-- not in the capture"}));
    EXPECT_EQ(pairing.pending(), 0U);
}

TEST(Pairing, PastTheMemoryLimitTheOldestAreGivenUp) {
    Listener listener;
    const std::size_t one = exchange(1, 0, 1000).bytes();
    Pairing pairing({true, true, false, false}, 3 * one, listener);
    for (std::uint32_t i = 0; i < 3; ++i) pairing.on_exchange(kA, exchange(1, i, 1000));
    EXPECT_TRUE(listener.pairs.empty()) << "at the limit";
    pairing.on_exchange(kA, exchange(1, 3, 1000));
    EXPECT_EQ(listener.pairs, Pairs{"1.0 A--- memory limit"});
    EXPECT_LE(pairing.memory(), 3 * one);
    for (std::uint32_t i = 0; i < 4; ++i) pairing.on_exchange(kB, exchange(1, i, 1000));
    EXPECT_EQ(listener.pairs,
              (Pairs{"1.0 A--- memory limit", "1.0 -B-- memory limit", "1.1 AB--", "1.2 AB--", "1.3 AB--"}));
    EXPECT_EQ(pairing.memory(), 0U);
}

TEST(Pairing, MemoryIsWhatASideIsBehind) {
    Listener listener;
    Pairing pairing({true, true, false, false}, Pairing::kDefaultMemoryLimit, listener);
    std::size_t most = 0;
    pairing.on_exchange(kA, exchange(9, 0, 100));  // its partner never comes
    for (std::uint32_t i = 0; i < 50'000; ++i) {
        pairing.on_exchange(kA, exchange(1, i, 100));
        pairing.on_exchange(kB, exchange(1, i, 100));
        most = std::max(most, pairing.memory());
    }
    EXPECT_LE(most, 2 * exchange(1, 0, 100).bytes());
    EXPECT_EQ(pairing.pending(), 1U);
    EXPECT_EQ(listener.pairs.size(), 50'000U);
}

}  // namespace
}  // namespace understudy::compare
