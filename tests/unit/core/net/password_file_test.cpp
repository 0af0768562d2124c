#include "core/net/password_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/throwaway_cluster.hpp"

namespace understudy::net {
namespace {

using ::testing::HasSubstr;

std::optional<std::string> found(const char* text, const char* user = "ann", const char* host = "db") {
    return PasswordFile::parse(text).find(host, "5432", "shop", user);
}

TEST(PasswordFileTest, TheFirstLineThatMatchesCounts) {
    const char* text = "db:5432:shop:bob:b\ndb:5432:shop:ann:first\n*:*:*:ann:second\n*:*:*:*:rest\n";
    EXPECT_EQ(found(text), "first");
    EXPECT_EQ(found(text, "bob"), "b");
    EXPECT_EQ(found(text, "ann", "other"), "second");
    EXPECT_EQ(found(text, "carl"), "rest");
    EXPECT_EQ(found("db:5433:shop:ann:no\ndb:5432:other:ann:no\n"), std::nullopt);
}

TEST(PasswordFileTest, CommentsAndCutLinesAreNone) {
    EXPECT_EQ(found("#*:*:*:*:no\n\ndb:5432:shop\n*:*:*:*"), std::nullopt);
    EXPECT_EQ(found("*:*:*:*:windows\r\n"), "windows");
    EXPECT_EQ(found("*:*:*:*:no newline"), "no newline");
}

TEST(PasswordFileTest, BackslashesEscape) {
    EXPECT_EQ(found("\\:\\:1:*:*:*:p\\:q\\\\r:s\n", "ann", "::1"), "p:q\\r:s");
    EXPECT_EQ(found("*:*:*:\\*:starred\n", "*"), "starred");
    EXPECT_EQ(found("*:*:*:\\*:starred\n", "ann"), std::nullopt);
    EXPECT_EQ(found("*:*:*:a*:no\n", "ann"), std::nullopt) << "a star within a field is a star";
    EXPECT_EQ(found("*:*:*:ann:end\\"), "end\\");
}

class PasswordFileModes : public ::testing::Test {
protected:
    void write(const std::string& text, std::filesystem::perms mode) const {
        std::ofstream(path()) << text;
        std::filesystem::permissions(path(), mode);
    }
    [[nodiscard]] std::string path() const { return directory_.file("pass"); }
    testing::TemporaryDirectory directory_;
    std::vector<std::string> warnings_;
};

TEST_F(PasswordFileModes, WhatOthersCanReadIsNotUsed) {
    write("*:*:*:*:secret", std::filesystem::perms(0640));
    const auto strict = PasswordFile::read_strictly(path());
    ASSERT_FALSE(strict);
    EXPECT_EQ(strict.error().code, Errc::usage);
    EXPECT_THAT(strict.error().message, HasSubstr("chmod 600"));
    EXPECT_EQ(PasswordFile::read_leniently(path(), warnings_).find("a", "1", "b", "c"), std::nullopt);
    ASSERT_EQ(warnings_.size(), 1U);
    EXPECT_THAT(warnings_[0], HasSubstr("chmod 600"));
}

TEST_F(PasswordFileModes, WhatIsPrivateIs) {
    write("*:*:*:*:secret", std::filesystem::perms(0600));
    EXPECT_EQ(PasswordFile::read_strictly(path()).value().find("a", "1", "b", "c"), "secret");
    EXPECT_EQ(PasswordFile::read_leniently(path(), warnings_).find("a", "1", "b", "c"), "secret");
    EXPECT_TRUE(warnings_.empty());
}

TEST_F(PasswordFileModes, AMissingFileIsAnErrorOnlyWhereItWasNamed) {
    EXPECT_FALSE(PasswordFile::read_strictly(path()));
    (void)PasswordFile::read_leniently(path(), warnings_);
    EXPECT_TRUE(warnings_.empty());
    EXPECT_FALSE(PasswordFile::read_strictly(directory_.path()));
    (void)PasswordFile::read_leniently(directory_.path(), warnings_);
    EXPECT_EQ(warnings_.size(), 1U);
}

}  // namespace
}  // namespace understudy::net
