#include "schema/migration/applied.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/migration/layout.hpp"

namespace understudy::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

MigrationSet set_of(Layout layout, std::vector<std::string> versions) {
    MigrationSet set;
    set.layout = layout;
    for (std::string& version : versions) set.migrations.emplace_back().version = std::move(version);
    return set;
}

PendingMigrations pending_of(const MigrationSet& set, const std::vector<catalog::Row>& rows) {
    const auto applied = applied_from_rows(set.layout, rows);
    EXPECT_TRUE(applied);
    const auto found = pending(set, *applied);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : PendingMigrations();
}

TEST(Pending, GolangMigrateKeepsTheNewestOnly) {
    const MigrationSet set = set_of(Layout::golang_migrate, {"001", "002", "010"});
    EXPECT_THAT(pending_of(set, {{"2", "false"}}).indexes, ElementsAre(2));
    EXPECT_THAT(pending_of(set, {}).indexes, ElementsAre(0, 1, 2));
    const auto dirty = pending(set, *applied_from_rows(set.layout, {{"2", "true"}}));
    ASSERT_FALSE(dirty);
    EXPECT_EQ(dirty.error().code, Errc::refused);
    EXPECT_THAT(dirty.error().message, HasSubstr("version 2 is marked dirty"));
}

TEST(Pending, FlywayUndoesAndFails) {
    MigrationSet set = set_of(Layout::flyway, {"1", "1.10", "2"});
    set.migrations.emplace_back().version = "R view";
    set.migrations.back().repeatable = true;
    const auto found = pending_of(set, {{"1.0", "a", "SQL", "true"},
                                        {"1.10", "b", "SQL", "true"},
                                        {"1.10", "b", "UNDO_SQL", "true"},
                                        {std::nullopt, "view", "SQL", "true"}});
    EXPECT_THAT(found.indexes, ElementsAre(1, 2, 3));
    EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("runs again when its text has changed")));
    EXPECT_FALSE(pending(set, *applied_from_rows(set.layout, {{"1", "a", "SQL", "false"}})));
}

TEST(Pending, GooseCountsTheNewestRow) {
    const MigrationSet set = set_of(Layout::goose, {"00001", "00002", "00003"});
    EXPECT_THAT(pending_of(set, {{"0", "true"}, {"1", "true"}, {"2", "true"}, {"2", "false"}}).indexes,
                ElementsAre(1, 2));
}

TEST(Pending, SqitchCountsReworksOneByOne) {
    const MigrationSet set = set_of(Layout::sqitch, {"users@v1", "orders", "users"});
    EXPECT_THAT(pending_of(set, {{"users"}, {"orders"}}).indexes, ElementsAre(2));
    EXPECT_THAT(pending_of(set, {{"users"}, {"orders"}, {"users"}}).indexes, IsEmpty());
}

TEST(Pending, GapsAndStrangersAreSaid) {
    const MigrationSet set = set_of(Layout::dbmate, {"1", "2", "3"});
    const auto found = pending_of(set, {{"1"}, {"3"}, {"9"}});
    EXPECT_THAT(found.indexes, ElementsAre(1));
    EXPECT_EQ(found.applied, 2U);
    EXPECT_THAT(found.warnings,
                ElementsAre(HasSubstr("3 is applied, though 2"), HasSubstr("9 is applied, and no file")));
}

TEST(Pending, NoTableMeansNothingApplied) {
    const auto found = pending(set_of(Layout::diesel, {"1"}), AppliedVersions());
    ASSERT_TRUE(found);
    EXPECT_THAT(found->indexes, ElementsAre(0));
    EXPECT_THAT(found->warnings, ElementsAre(HasSubstr("no table __diesel_schema_migrations")));
    EXPECT_FALSE(applied_from_rows(Layout::goose, {{"1"}}));
}

}  // namespace
}  // namespace understudy::schema
