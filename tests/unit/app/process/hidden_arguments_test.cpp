#include "app/process/hidden_arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace understudy::app {
namespace {

/// The argument as others see it.
std::string seen(std::string argument) {
    std::string program = "understudy";
    char* argv[] = {program.data(), argument.data(), nullptr};
    hide_secrets(2, argv);
    return argument;
}

TEST(HiddenArguments, PasswordsOfConnectionStrings) {
    EXPECT_EQ(seen("host=a password=secret dbname=b"), "host=a password=****** dbname=b");
    EXPECT_EQ(seen("password = 'it is \\' one' host=a"), "password = ************** host=a");
    EXPECT_EQ(seen("--target=host=a sslpassword=k\\ ey"), "--target=host=a sslpassword=*****");
    EXPECT_EQ(seen("password=first password=second"), "password=***** password=******");
    EXPECT_EQ(seen("password='open"), "password=*****");
}

TEST(HiddenArguments, PasswordsOfUrls) {
    EXPECT_EQ(seen("postgresql://app:secret@host:5432/shop"), "postgresql://app:******@host:5432/shop");
    EXPECT_EQ(seen("postgres://app:a@b@host/shop?sslmode=require"), "postgres://app:***@host/shop?sslmode=require");
    EXPECT_EQ(seen("postgresql:///shop?password=secret&user=app"), "postgresql:///shop?password=******&user=app");
    EXPECT_EQ(seen("-tpostgresql://app:s@h/"), "-tpostgresql://app:*@h/");
}

TEST(HiddenArguments, WhatIsNoSecretStays) {
    for (const char* plain : {"host=a user=password dbname=b", "postgresql://app@host:5432/shop", "passwords",
                              "password=", "postgresql://host/shop?options=a:b@c", "", "password"}) {
        EXPECT_EQ(seen(plain), plain);
    }
}

}  // namespace
}  // namespace understudy::app
