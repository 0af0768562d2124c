#include "app/service/hook_retry.hpp"

#include <gtest/gtest.h>

#include "app/service/hook_address.hpp"

namespace understudy::app::service {
namespace {

constexpr Duration kPatience = Duration::seconds(1200);

HookAnswer answered(int status, std::optional<Duration> retry_after = std::nullopt) { return {status, retry_after, {}, {}}; }

TEST(HookRetry, WhatIsWrongWithARequestStaysWrong) {
    for (const int status : {301, 302, 307, 400, 401, 403, 404, 405, 410, 422}) {
        const auto next = next_attempt(answered(status), 1, {}, kPatience);
        EXPECT_FALSE(next.delivered || next.pause) << status;
    }
    for (const int status : {200, 201, 204}) EXPECT_TRUE(next_attempt(answered(status), 1, {}, kPatience).delivered);
    for (const int status : {0, 408, 425, 429, 500, 502, 503}) {
        EXPECT_EQ(next_attempt(answered(status), 1, {}, kPatience).pause, Duration::seconds(1)) << status;
    }
}

TEST(HookRetry, PausesGrowAndEnd) {
    Duration waited;
    std::vector<std::int64_t> pauses;
    for (unsigned attempts = 1;; ++attempts) {
        const auto next = next_attempt(answered(500), attempts, waited, kPatience);
        if (!next.pause) break;
        waited = waited + *next.pause;
        pauses.push_back(next.pause->count_ns() / 1'000'000'000);
        ASSERT_LT(attempts, 100U);
    }
    EXPECT_EQ(pauses, (std::vector<std::int64_t>{1, 4, 16, 64, 256, 300, 300}));
    EXPECT_TRUE(next_attempt(answered(500), 4'000'000'000U, {}, kPatience).pause) << "no overflow";
}

TEST(HookRetry, TheReceiverMayAskForMoreTimeButNotForEver) {
    EXPECT_EQ(next_attempt(answered(429, Duration::seconds(60)), 1, {}, kPatience).pause, Duration::seconds(60));
    EXPECT_EQ(next_attempt(answered(403, Duration::seconds(60)), 1, {}, kPatience).pause, Duration::seconds(60));
    EXPECT_EQ(next_attempt(answered(503, Duration::seconds(0)), 3, {}, kPatience).pause, Duration::seconds(16));
    EXPECT_FALSE(next_attempt(answered(429, Duration::seconds(1201)), 1, {}, kPatience).pause);
    EXPECT_EQ(parse_retry_after("120"), Duration::seconds(120));
    for (const char* none : {"", "-1", "1e3", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999", "86401"}) {
        EXPECT_FALSE(parse_retry_after(none)) << none;
    }
}

TEST(HookAddress, TakenApart) {
    const auto plain = parse_hook_url("https://hooks.example/a/b?c=d");
    ASSERT_TRUE(plain);
    EXPECT_EQ(*plain, (HookAddress{true, "hooks.example", "443", "/a/b?c=d", "hooks.example"}));
    EXPECT_EQ(parse_hook_url("https://h:8443")->port, "8443");
    EXPECT_EQ(parse_hook_url("https://h?x=1")->target, "/?x=1");
    const auto six = parse_hook_url("http://[::1]:80/x");
    ASSERT_TRUE(six);
    EXPECT_EQ(*six, (HookAddress{false, "::1", "80", "/x", "[::1]:80"}));
    EXPECT_TRUE(parse_hook_url("http://127.0.0.1:9/") && parse_hook_url("http://localhost/"));
    for (const char* wrong : {"", "ftp://x", "https://", "https:///x", "https://a@b/", "https://x:/", "https://x:123456/",
                              "https://x:y/", "https://x y/", "https://x/#f", "https://x/\r\nHost: y", "https://[::1/",
                              "https://[::1]x/", "https://x/\xc3\xa9", "http://hooks.example/", "http://127.0.0.1.example/",
                              "http://localhost.example/", "http://127.0.0.1@evil.example/", "https://a\\b/"}) {
        EXPECT_FALSE(parse_hook_url(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace understudy::app::service
