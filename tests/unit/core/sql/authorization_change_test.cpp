#include "core/sql/authorization_change.hpp"

#include <gtest/gtest.h>

namespace understudy::sql {
namespace {

const AuthorizationChange kReset{};

TEST(AuthorizationChangeTest, BackToWhoLoggedIn) {
    for (const char* sql :
         {"DISCARD ALL", "/* pool */ discard -- x\n all", "RESET SESSION AUTHORIZATION", "reset session_authorization",
          "reset \"session_authorization\"", "SET SESSION AUTHORIZATION DEFAULT",
          "set local session authorization default", "SET SESSION SESSION AUTHORIZATION DEFAULT",
          "set session_authorization to default", "set local session_authorization = DEFAULT"}) {
        EXPECT_EQ(authorization_change(sql), kReset) << sql;
        EXPECT_TRUE(may_change_authorization(sql)) << sql;
    }
}

TEST(AuthorizationChangeTest, ToAnotherRole) {
    EXPECT_EQ(authorization_change("SET SESSION AUTHORIZATION Bob")->role, "bob");
    EXPECT_EQ(authorization_change("SET SESSION AUTHORIZATION 'Bob''s'")->role, "Bob's");
    EXPECT_EQ(authorization_change("set session_authorization = \"a\"\"b\"")->role, "a\"b");
    EXPECT_EQ(authorization_change("SET LOCAL SESSION AUTHORIZATION bob")->role, "bob");
    EXPECT_EQ(authorization_change("SET SESSION AUTHORIZATION \"default\"")->role, "default");
    EXPECT_EQ(authorization_change("select pg_catalog.set_config('session_authorization', 'x', false)")->role, "");
}

TEST(AuthorizationChangeTest, OtherStatementsDoNot) {
    for (const char* sql : {"DISCARD PLANS", "RESET ALL", "SET SESSION search_path = authorization", "select 1",
                            "select 'DISCARD ALL'", "SET ROLE bob", "RESET ROLE", "create schema authorization bob",
                            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "", "discard", "set session",
                            "select current_setting('session_authorization')"}) {
        EXPECT_EQ(authorization_change(sql), std::nullopt) << sql;
    }
    EXPECT_FALSE(may_change_authorization("SET ROLE bob"));
}

}  // namespace
}  // namespace understudy::sql
