#include "core/net/ssl_mode.hpp"

#include <gtest/gtest.h>

namespace understudy::net {
namespace {

TEST(SslModeTest, KnowsLibpqsNames) {
    EXPECT_EQ(*parse_ssl_mode("verify-full"), SslMode::verify_full);
    EXPECT_EQ(*parse_ssl_mode("disable"), SslMode::disable);
    EXPECT_FALSE(parse_ssl_mode("verify_full"));
}

TEST(SslModeTest, TriesInLibpqsOrder) {
    EXPECT_EQ(tls_attempts(SslMode::disable), std::vector<bool>({false}));
    EXPECT_EQ(tls_attempts(SslMode::allow), std::vector<bool>({false, true}));
    EXPECT_EQ(tls_attempts(SslMode::prefer), std::vector<bool>({true, false}));
    for (const SslMode mode : {SslMode::require, SslMode::verify_ca, SslMode::verify_full}) {
        EXPECT_EQ(tls_attempts(mode), std::vector<bool>({true}));
        EXPECT_TRUE(demands_tls(mode));
    }
    EXPECT_FALSE(demands_tls(SslMode::prefer));
}

}  // namespace
}  // namespace understudy::net
