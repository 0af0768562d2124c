#include "core/exchange/known_names.hpp"

#include <gtest/gtest.h>

#include "tests/support/frames.hpp"

namespace understudy {
namespace {

using testing::view_frame;
namespace fe = testing::fe;

TEST(KnownNamesTest, PastItsLimitItClaimsNothing) {
    KnownNames names(true);
    EXPECT_TRUE(names.note(view_frame(fe::bind("", "unseen"))));
    for (std::size_t i = 0; i < KnownNames::kMaxNames; ++i) {
        EXPECT_FALSE(names.note(view_frame(fe::parse("s" + std::to_string(i), "x"))));
    }
    EXPECT_FALSE(names.note(view_frame(fe::bind("", "unseen"))));
}

TEST(KnownNamesTest, StatementsAndPortalsAreApart) {
    KnownNames names(true);
    names.note(view_frame(fe::parse("x", "")));
    EXPECT_FALSE(names.note(view_frame(fe::describe_statement("x"))));
    EXPECT_TRUE(names.note(view_frame(fe::describe_portal("x"))));
    EXPECT_TRUE(names.note(view_frame(fe::execute("x"))));
    names.note(view_frame(fe::bind("x", "x")));
    EXPECT_FALSE(names.note(view_frame(fe::execute("x"))));
    names.note(view_frame(fe::close_portal("x")));
    EXPECT_TRUE(names.note(view_frame(fe::execute("x"))));
    EXPECT_FALSE(names.note(view_frame(fe::bind("y", "x"))));
}

TEST(KnownNamesTest, WithNothingMissedNothingIsUnresolved) {
    KnownNames names(false);
    EXPECT_FALSE(names.note(view_frame(fe::bind("", "client_error"))));
    names.set_some_missed();
    EXPECT_TRUE(names.note(view_frame(fe::bind("", "other"))));
    EXPECT_FALSE(names.note(view_frame(Bytes("B\0\0\0\x05x", 6))));
    EXPECT_FALSE(names.note(view_frame(Bytes("D\0\0\0\x05x", 6))));
    EXPECT_FALSE(names.note(view_frame(fe::query("x"))));
}

}  // namespace
}  // namespace understudy
