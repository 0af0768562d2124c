#include "compare/analysis/sql_names.hpp"

#include <gtest/gtest.h>

namespace understudy::compare {
namespace {

Bytes text(const std::optional<SqlName>& name) {
    return name ? (name->portal ? "cursor " : "statement ") + name->name : Bytes("none");
}

TEST(SqlNames, AreMadeByPrepareAndDeclare) {
    EXPECT_EQ(text(name_made("DECLARE Notes CURSOR WITH HOLD FOR SELECT 1")), "cursor notes");
    EXPECT_EQ(text(name_made("/* x */ prepare \"By Id\" (int) as select 1")), "statement By Id");
    EXPECT_EQ(text(name_made("prepare transaction 'x'")), "none");
    EXPECT_EQ(text(name_made("select 1")), "none");
    EXPECT_EQ(text(name_made("")), "none");
}

TEST(SqlNames, AreNeededByWhatUsesThem) {
    EXPECT_EQ(text(name_needed("execute notes(1, 2)")), "statement notes");
    EXPECT_EQ(text(name_needed("DEALLOCATE PREPARE notes")), "statement notes");
    EXPECT_EQ(text(name_needed("deallocate all")), "none");
    EXPECT_EQ(text(name_needed("fetch 2 from notes")), "cursor notes");
    EXPECT_EQ(text(name_needed("FETCH notes;")), "cursor notes");
    EXPECT_EQ(text(name_needed("move backward all in \"N\"")), "cursor N");
    EXPECT_EQ(text(name_needed("close notes")), "cursor notes");
    EXPECT_EQ(text(name_needed("close all")), "none");
    EXPECT_EQ(text(name_needed("fetched")), "none");
}

}  // namespace
}  // namespace understudy::compare
