#include "app/service/tokens.hpp"

#include <gtest/gtest.h>

#include "app/service/rate_limiter.hpp"

namespace understudy::app::service {
namespace {

TEST(Tokens, OnlyHashesAreKept) {
    const std::string token = make_token();
    EXPECT_EQ(token.size(), 68U);
    EXPECT_NE(token, make_token());
    const std::vector<Token> tokens = {{"anna", Role::admin, hash_of_token(token), "2026-11-28"},
                                       {"ci", Role::run, hash_of_token("other"), ""}};
    const std::string text = tokens_text(tokens);
    EXPECT_EQ(text.find(token), std::string::npos);
    const auto again = parse_tokens(text);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, tokens);
    ASSERT_NE(owner_of_token(*again, token), nullptr);
    EXPECT_EQ(owner_of_token(*again, token)->name, "anna");
}

TEST(Tokens, NobodysTokenIsNobodys) {
    const std::vector<Token> tokens = {{"anna", Role::admin, hash_of_token("right"), ""}};
    for (const std::string& wrong :
         {std::string(), std::string("wrong"), std::string("right "), hash_of_token("right"), std::string(1000, 'x')}) {
        EXPECT_EQ(owner_of_token(tokens, wrong), nullptr) << wrong;
    }
    EXPECT_EQ(owner_of_token({}, "right"), nullptr);
    EXPECT_EQ(owner_of_token({{"empty", Role::admin, "", ""}}, ""), nullptr);
}

TEST(Tokens, HashIsTheKnownOne) {
    // BLAKE2b-256 of "abc", as b2sum -l 256 prints it.
    EXPECT_EQ(hash_of_token("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Tokens, FilesOfAnotherFormAreRefused) {
    const std::string hash = hash_of_token("x");
    for (const std::string& wrong : std::vector<std::string>{
             "anna", "anna admin", "anna boss " + hash, "an/na view " + hash, "anna view " + hash.substr(1),
             "anna none " + hash, "a view " + hash + " d more", "a view " + hash + "\na run " + hash}) {
        EXPECT_FALSE(parse_tokens(wrong)) << wrong;
    }
    EXPECT_TRUE(parse_tokens("# nobody\n\n")->empty());
}

TEST(Tokens, BearerIsTakenFromItsHeader) {
    EXPECT_EQ(bearer_of("Bearer abc"), "abc");
    EXPECT_EQ(bearer_of("bearer abc"), "abc");
    EXPECT_EQ(bearer_of("Basic abc"), "");
    EXPECT_EQ(bearer_of("Bearer"), "");
    EXPECT_EQ(bearer_of(""), "");
}

TEST(Tokens, RolesIncludeLesserOnes) {
    EXPECT_TRUE(allows(Role::admin, Role::view));
    EXPECT_TRUE(allows(Role::run, Role::run));
    EXPECT_FALSE(allows(Role::view, Role::run));
    EXPECT_FALSE(allows(Role::none, Role::view));
    EXPECT_FALSE(parse_role("none"));
}

TEST(RateLimiter, RefillsSteadily) {
    RateLimiter limiter(2, 3);
    const Timestamp begin = Timestamp::from_ns(1'000'000'000);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.allow("a", begin));
    EXPECT_FALSE(limiter.allow("a", begin));
    EXPECT_TRUE(limiter.allow("b", begin));
    EXPECT_TRUE(limiter.allow("a", begin + Duration::milliseconds(500)));
    EXPECT_FALSE(limiter.allow("a", begin + Duration::milliseconds(600)));
    EXPECT_FALSE(limiter.allow("a", begin)) << "a clock that goes back gives nothing";
}

TEST(RateLimiter, ManyKeysShareWhatIsLeft) {
    RateLimiter limiter(0.001, 2);
    const Timestamp now = Timestamp::from_ns(1'000'000'000);
    for (std::size_t i = 0; i < RateLimiter::kMaxKeys; ++i) EXPECT_TRUE(limiter.allow(std::to_string(i), now));
    EXPECT_TRUE(limiter.allow("more", now));
    EXPECT_TRUE(limiter.allow("still more", now));
    EXPECT_FALSE(limiter.allow("too many", now));
    EXPECT_TRUE(limiter.allow("0", now)) << "who had a bucket keeps it";
}

}  // namespace
}  // namespace understudy::app::service
