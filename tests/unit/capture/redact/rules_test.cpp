#include "capture/redact/rules.hpp"

#include <gtest/gtest.h>

namespace understudy::capture {
namespace {

RedactionRules one(BytesView rule) {
    RedactionRules rules;
    EXPECT_TRUE(rules.add(rule)) << rule;
    return rules;
}

TEST(RedactionRules, CoverColumnsAsFarAsTheySay) {
    EXPECT_TRUE(one("email").cover("public", "users", "email"));
    EXPECT_FALSE(one("email").cover("public", "users", "email2"));
    EXPECT_TRUE(one("Users.Email").cover("public", "users", "email"));
    EXPECT_FALSE(one("users.email").cover("public", "orders", "email"));
    EXPECT_TRUE(one("users.email").cover("", "", "email"));
    EXPECT_TRUE(one("crm.users.email").cover("crm", "users", "email"));
    EXPECT_TRUE(one("crm.users.email").cover("", "users", "email"));
    EXPECT_FALSE(one("crm.users.email").cover("public", "users", "email"));
    EXPECT_TRUE(one("*.password_hash").cover("public", "users", "password_hash"));
    EXPECT_TRUE(one("users.*").cover("", "users", "anything"));
    EXPECT_TRUE(one("*_hash").cover("", "", "password_hash"));
    EXPECT_FALSE(one("*_hash").cover("", "", "hash_of"));
    EXPECT_TRUE(one("\"E Mail\"").cover("", "", "E Mail"));
    EXPECT_TRUE(one("users.\"a.b\"\"c\"").cover("", "users", "a.b\"c"));
    EXPECT_TRUE(one("users.email").can_cover("public", "users"));
    EXPECT_FALSE(one("users.email").can_cover("public", "orders"));
    EXPECT_TRUE(one("email").can_cover("public", "orders"));
}

TEST(RedactionRules, RefuseWhatIsNone) {
    for (const char* bad : {"", ".", "a.", ".a", "a..b", "a.b.c.d", "a b", "\"a", "\"\"", "a;b", "a.\"b\"c"}) {
        RedactionRules rules;
        EXPECT_FALSE(rules.add(bad)) << bad;
        EXPECT_TRUE(rules.empty());
    }
}

TEST(RedactionRules, AreReadFromLines) {
    RedactionRules rules;
    ASSERT_TRUE(rules.add_lines("# people\nusers.email  # mail\n\r\n\tssn\r\n"));
    EXPECT_TRUE(rules.cover("", "users", "email"));
    EXPECT_TRUE(rules.cover("", "x", "ssn"));
    EXPECT_FALSE(rules.add_lines("fine\nnot fine\n"));
}

TEST(RedactionRules, ConcernStatementsThatMayMeanThem) {
    const RedactionRules rules = one("users.email");
    EXPECT_TRUE(rules.may_concern("select EMAIL from x"));
    EXPECT_TRUE(rules.may_concern("select * from users"));
    EXPECT_TRUE(rules.may_concern("INSERT into x values (1)"));
    EXPECT_FALSE(rules.may_concern("select 1"));
    EXPECT_FALSE(rules.may_concern("update orders set x = 1"));
    EXPECT_TRUE(one("*").may_concern("select 1"));
    EXPECT_FALSE(RedactionRules().may_concern("select email from users"));
}

}  // namespace
}  // namespace understudy::capture
