#include "replay/remap/value_map.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace understudy::replay {
namespace {

constexpr SessionId kMe(1);
constexpr SessionId kOther(2);

Bytes text_for(const ValueMap& map, SessionId session, DomainId domain, std::uint64_t recorded) {
    const auto found = map.find(session, domain, recorded);
    if (!found) return "none";
    return (found->text.empty() ? Bytes("lost") : found->text) + (found->uncommitted ? " uncommitted" : "");
}

TEST(ValueMap, EqualValuesOfTwoDomainsHaveNothingToDoWithEachOther) {
    ValueMap map;
    map.learn(SessionId(), {1, 42, 142, "a"});
    map.learn(SessionId(), {2, 42, 242, "b"});
    EXPECT_EQ(text_for(map, kMe, 1, 42), "a");
    EXPECT_EQ(text_for(map, kMe, 2, 42), "b");
    EXPECT_EQ(text_for(map, kMe, 3, 42), "none");
    EXPECT_EQ(map.recorded_of(1, 142), 42U);
    EXPECT_EQ(map.recorded_of(2, 142), std::nullopt);
}

TEST(ValueMap, HoldsNoMoreThanItMay) {
    ValueMap map(2);
    EXPECT_TRUE(map.learn(kMe, {1, 1, 11, "a"}));
    EXPECT_TRUE(map.learn(kMe, {1, 2, 12, "b"}));
    EXPECT_FALSE(map.learn(kMe, {1, 3, 13, "c"}));
    EXPECT_TRUE(map.learn(kMe, {1, 2, 22, "d"})) << "it is there already";
    EXPECT_EQ(map.refused(), 1U);
    EXPECT_EQ(map.size(), 2U);
    EXPECT_EQ(map.recorded_of(1, 12), std::nullopt) << "what it stood for before";
    EXPECT_EQ(map.recorded_of(1, 22), 2U);
    EXPECT_EQ(map.recorded_of(1, 13), std::nullopt);
}

TEST(TransactionScope, WhatIsLearnedIsTheSessionsUntilItCommits) {
    ValueMap map;
    TransactionScope scope(kMe, map);
    scope.learn({1, 42, 142, "a"});
    EXPECT_EQ(text_for(map, kMe, 1, 42), "a");
    EXPECT_EQ(text_for(map, kOther, 1, 42), "a uncommitted");
    scope.commit();
    EXPECT_EQ(text_for(map, kOther, 1, 42), "a");
    scope.rollback();
    EXPECT_EQ(text_for(map, kOther, 1, 42), "a") << "of the transaction before";
}

TEST(TransactionScope, ARollbackDropsAndBringsBack) {
    ValueMap map;
    TransactionScope scope(kMe, map);
    scope.learn({1, 42, 142, "old"});
    scope.commit();
    scope.learn({1, 42, 143, "new"});
    scope.learn({1, 43, 144, "b"});
    EXPECT_EQ(map.recorded_of(1, 142), std::nullopt);
    scope.rollback();
    EXPECT_EQ(text_for(map, kMe, 1, 42), "old");
    EXPECT_EQ(text_for(map, kMe, 1, 43), "none");
    EXPECT_EQ(map.recorded_of(1, 142), 42U);
    EXPECT_EQ(map.recorded_of(1, 143), std::nullopt);
    EXPECT_EQ(map.recorded_of(1, 144), std::nullopt);
    EXPECT_EQ(map.size(), 1U);
}

TEST(TransactionScope, SavepointsNestHideAndAreReleased) {
    ValueMap map;
    TransactionScope scope(kMe, map);
    const auto left = [&] {
        std::string found;
        for (std::uint64_t i = 1; i <= 4; ++i) found += map.find(kMe, 1, i) ? std::to_string(i) : "";
        return found;
    };
    scope.learn({1, 1, 11, "1"});
    scope.savepoint("a");
    scope.learn({1, 2, 12, "2"});
    scope.savepoint("a");
    scope.learn({1, 3, 13, "3"});
    scope.rollback_to("a");
    EXPECT_EQ(left(), "12");
    scope.learn({1, 3, 13, "3"});
    scope.rollback_to("a");
    EXPECT_EQ(left(), "12") << "it is still there";
    scope.release("a");
    scope.learn({1, 4, 14, "4"});
    scope.rollback_to("nowhere");
    EXPECT_EQ(left(), "124");
    scope.rollback_to("a");
    EXPECT_EQ(left(), "1") << "the outer one";
    scope.commit();
    EXPECT_EQ(left(), "1");
}

TEST(TransactionScope, AnotherSessionsValueIsNotRolledBack) {
    ValueMap map;
    TransactionScope mine(kMe, map);
    TransactionScope others(kOther, map);
    mine.learn({1, 1, 11, "mine"});
    others.learn({1, 1, 21, "other"});
    others.commit();
    mine.rollback();
    EXPECT_EQ(text_for(map, kMe, 1, 1), "other");
}

TEST(ValueMap, ManyThreadsLearnAtOnce) {
    ValueMap map;
    std::vector<std::thread> threads;
    for (std::uint64_t t = 1; t <= 4; ++t) {
        threads.emplace_back([&map, t] {
            TransactionScope scope(SessionId(t), map);
            for (std::uint64_t i = 0; i < 2000; ++i) {
                scope.learn({1, i * 4 + t, i * 4 + t + 100'000, "v"});
                (void)map.find(SessionId(t), 1, i);
                if (i % 10 == 9) i % 20 == 19 ? scope.rollback() : scope.commit();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(map.size(), 4000U);
}

}  // namespace
}  // namespace understudy::replay
