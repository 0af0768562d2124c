#include "schema/migration/read_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/throwaway_cluster.hpp"

namespace understudy::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class ReadMigrations : public ::testing::Test {
protected:
    std::string write(const std::string& name, const std::string& text) {
        const std::filesystem::path path = directory_.file(name);
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
        return path.string();
    }
    testing::TemporaryDirectory directory_;
};

TEST_F(ReadMigrations, ADirectoryWithFoldersAndHiddenFiles) {
    write("sub/V2__b.sql", "select 2");
    write("V1__a.sql", "\xef\xbb\xbfselect 1");
    write(".git/V3__c.sql", "select 3");
    write("picture.png", "not read");
    const auto set = read_migrations(directory_.path());
    ASSERT_TRUE(set) << set.error().message;
    ASSERT_THAT(set->migrations, SizeIs(2));
    EXPECT_EQ(set->migrations[0].up.statements[0].text, "select 1") << "without its byte order mark";
    EXPECT_THAT(set->ignored, SizeIs(1));
}

TEST_F(ReadMigrations, AFileWithAndWithoutItsWayBack) {
    const std::string up = write("add.sql", "create table t ()");
    const std::string down = write("remove.sql", "drop table t");
    const auto both = read_migrations(up, down);
    ASSERT_TRUE(both);
    EXPECT_EQ(both->migrations[0].down->path, down);
    EXPECT_EQ(both->migrations[0].up_mode, RunMode::statements);
    const auto alone = read_migrations(up);
    ASSERT_TRUE(alone);
    EXPECT_FALSE(alone->migrations[0].down);
}

TEST_F(ReadMigrations, AFileWithMarkersIsReadByThem) {
    const auto set = read_migrations(write("7_x.sql", "-- migrate:up\nselect 1;\n-- migrate:down\nselect 0;\n"));
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(set->layout, Layout::dbmate);
    EXPECT_TRUE(set->migrations[0].down);
}

TEST_F(ReadMigrations, WhatCannotBeReadIsSaid) {
    EXPECT_THAT(read_migrations(directory_.file("nowhere")).error().message, HasSubstr("cannot read"));
    EXPECT_EQ(read_migrations(directory_.path(), std::string("x")).error().code, Errc::usage);
}

}  // namespace
}  // namespace understudy::schema
