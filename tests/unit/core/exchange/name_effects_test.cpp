#include "core/exchange/name_effects.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(NameEffects, AreFoundByTokens) {
    EXPECT_TRUE(name_effects("select 'deallocate all'").empty());
    EXPECT_TRUE(name_effects("prepare transaction 'x'").empty());
    EXPECT_TRUE(name_effects("discard temp").empty());
    EXPECT_TRUE(name_effects("deallocate").empty());
    const auto quoted = name_effects("; ;select 1; deallocate \"a\"\"b\"");
    ASSERT_EQ(quoted.size(), 1U);
    EXPECT_EQ(quoted[0].name, "a\"b");
    EXPECT_EQ(quoted[0].statement, 1U);
    const auto defined = name_effects("PREPARE Foo (int[], text) AS INSERT INTO t VALUES ($1) ; select 1");
    ASSERT_EQ(defined.size(), 1U);
    EXPECT_EQ(defined[0].name, "foo");
    EXPECT_TRUE(defined[0].typed);
    EXPECT_EQ(defined[0].sql, "INSERT INTO t VALUES ($1)");
    EXPECT_EQ(name_effects("deallocate " + Bytes(80, 'x'))[0].name, Bytes(63, 'x'));
}

}  // namespace
}  // namespace understudy
