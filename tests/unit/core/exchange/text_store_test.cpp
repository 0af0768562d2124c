#include "core/exchange/text_store.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(TextStore, KeepsEachTextOnceAndLetsItGo) {
    TextStore store;
    SqlText a = store.keep("SELECT 1");
    SqlText b = store.keep(Bytes("SELECT 1"));
    EXPECT_EQ(a.get(), b.get());
    EXPECT_EQ(store.bytes(), 8U);
    a.reset();
    EXPECT_EQ(*b, "SELECT 1");
    b.reset();
    EXPECT_EQ(store.bytes(), 0U);
    EXPECT_EQ(*store.keep("SELECT 1"), "SELECT 1");
}

TEST(TextStore, RefusesPastItsLimitAndCounts) {
    TextStore store(10);
    SqlText ten = store.keep("1234567890");
    ASSERT_NE(ten, nullptr);
    EXPECT_EQ(store.keep("x"), nullptr);
    EXPECT_EQ(store.refused(), 1U);
    EXPECT_NE(store.keep("1234567890"), nullptr);
    ten.reset();
    EXPECT_NE(store.keep("x"), nullptr);
    EXPECT_EQ(store.keep("12345678901"), nullptr);
    EXPECT_EQ(store.refused(), 2U);
}

}  // namespace
}  // namespace understudy
