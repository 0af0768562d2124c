#include "schema/rollback/state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/rollback/trial_bench.hpp"

namespace understudy::schema {
namespace {

using Kind = DataChangeKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

DataState state() {
    DataState made;
    made.tables["t"] = {10, {"id"}, {{"id", "integer", 10, "1"}, {"a", "text", 4, "2"}, {"b", "text", 9, "3"}}, "", ""};
    return made;
}

std::vector<Kind> kinds(const DataState& after) {
    std::vector<Kind> all;
    for (const DataChange& change : compare_data(state(), after)) all.push_back(change.kind);
    return all;
}

TEST(CompareData, EachChangeHasItsKind) {
    EXPECT_THAT(kinds(state()), IsEmpty());
    DataState after = state();
    after.tables.clear();
    EXPECT_THAT(kinds(after), ElementsAre(Kind::table_missing));
    after = state();
    after.tables["t"].columns[1].non_null = 0;
    after.tables["t"].columns[1].digest = "0";
    EXPECT_THAT(kinds(after), ElementsAre(Kind::values_changed));
    EXPECT_EQ(compare_data(state(), after)[0].to_string(), "t.a: the values of at least 4 rows lost or changed");
    after = state();
    after.tables["t"].columns.pop_back();
    EXPECT_THAT(kinds(after), ElementsAre(Kind::column_missing));
    EXPECT_EQ(compare_data(state(), after)[0].rows, 9U);
    after = state();
    std::swap(after.tables["t"].columns[1], after.tables["t"].columns[2]);
    EXPECT_THAT(kinds(after), ElementsAre(Kind::column_moved));
    after = state();
    after.tables["t"].columns[1].type = "character varying(3)";
    EXPECT_THAT(kinds(after), ElementsAre(Kind::type_changed));
    after = state();
    after.tables["t"].rows = 8;
    after.tables["t"].columns[0].digest = "9";
    EXPECT_THAT(kinds(after), ElementsAre(Kind::rows_missing));
    after.tables["t"].rows = 12;
    EXPECT_THAT(kinds(after), ElementsAre(Kind::rows_added));
    after = state();
    after.tables["t"].unreadable = "no";
    EXPECT_THAT(kinds(after), ElementsAre(Kind::not_read));
    after = state();
    after.tables["t"].rows_digest = "other";
    EXPECT_THAT(kinds(after), ElementsAre(Kind::rows_missing));
    after = state();
    after.tables["new"] = {};
    EXPECT_THAT(kinds(after), IsEmpty()) << "what only the other has is no loss";
}

TEST(DataState, ItsDigestSeesDataAndNotSequences) {
    DataState other = state();
    other.sequences["s"] = "7";
    EXPECT_EQ(other.digest(), state().digest());
    other.tables["t"].columns[2].digest = "4";
    EXPECT_NE(other.digest(), state().digest());
}

TEST(VolatileColumns, AreLeftOut) {
    DataState other = state();
    other.tables["t"].columns[1].digest = "77";
    const ColumnNames names = volatile_columns(state(), other);
    EXPECT_THAT(names, ElementsAre(std::pair<std::string, std::string>("t", "a")));
    EXPECT_EQ(without(state(), names).digest(), without(other, names).digest());
}

TEST(Restricted, KeepsWhatBothHave) {
    DataState wider = state();
    wider.tables["u"] = {};
    wider.tables["t"].columns.push_back({"new", "integer", 1, "5"});
    EXPECT_EQ(restricted(wider, state()).digest(), restricted(state(), wider).digest());
}

TEST(LineDifference, BothWaysWithALimit) {
    EXPECT_THAT(line_difference("a\nb\n", "b\nc\nd\n", 9), ElementsAre("- a", "+ c", "+ d"));
    EXPECT_THAT(line_difference("a\nb\n", "b\nc\nd\n", 1), ElementsAre("- a", "… and 2 more lines"));
    EXPECT_THAT(line_difference("a\nb", "b\na", 1), IsEmpty());
}

TEST(OnlyRearranged, SeesThroughPunctuation) {
    EXPECT_TRUE(only_rearranged("(\n a int,\n b int\n);", "(\n b int,\n a int\n);"));
    EXPECT_FALSE(only_rearranged("a\nb", "a\nc"));
    EXPECT_FALSE(only_rearranged("a", "a")) << "not rearranged at all";
}

}  // namespace
}  // namespace understudy::schema
