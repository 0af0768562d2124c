#include "replay/order/lock_wait.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace understudy::replay {
namespace {

/// "waiter>holder" of each, sorted; sessions 0, 1, 2 are the processes 100, 101, 102.
std::string among(const std::vector<ProcessWait>& waits) {
    std::vector<std::string> lines;
    for (const LockWait& wait : waits_among(waits, {{100, 0}, {101, 1}, {102, 2}})) {
        lines.push_back(std::to_string(wait.session) + ">" + std::to_string(wait.holder));
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : " ") + line;
    return text;
}

TEST(LockWait, IsBetweenSessionsOfTheReplay) {
    EXPECT_EQ(among({{100, 101}, {102, 100}}), "0>1 2>0");
    EXPECT_EQ(among({{100, 7}, {8, 101}, {7, 8}}), "0>1") << "others' waits count as links alone";
    EXPECT_EQ(among({{100, 7}, {7, 0}}), "") << "a prepared transaction is nobody's";
}

TEST(LockWait, GoesThroughBackendsThatAreNotOfTheReplay) {
    EXPECT_EQ(among({{100, 7}, {101, 7}, {7, 102}}), "0>2 1>2") << "a migration that waits for 2";
    EXPECT_EQ(among({{100, 7}, {7, 8}, {8, 7}, {8, 101}, {7, 101}}), "0>1") << "in a circle, each once";
    EXPECT_EQ(among({{100, 7}, {7, 101}, {101, 102}}), "0>1 1>2") << "what 1 waits for is its own wait";
}

}  // namespace
}  // namespace understudy::replay
