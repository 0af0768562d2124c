#include "schema/check/difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = DifferenceKind;

constexpr std::uint32_t kInteger = 23;
constexpr std::uint32_t kText = 25;
constexpr std::uint32_t kVarchar = 1043;

struct Column {
    const char* name;
    std::uint32_t type = kInteger;
    std::int32_t modifier = -1;
};

Description described(std::initializer_list<Column> columns, std::vector<std::uint32_t> parameters = {}) {
    Description description;
    description.parameters = std::move(parameters);
    for (const Column& column : columns) {
        pgwire::ColumnDescription& c = description.columns.emplace_back();
        c.name = column.name;
        c.type_oid = column.type;
        c.type_modifier = column.modifier;
    }
    return description;
}

Description refused(const char* sqlstate) {
    Description description;
    description.refusal = Refusal{sqlstate, "no", {}, 0};
    return description;
}

std::vector<Difference> diff(const Description& a, const Description& b) {
    static const TypeNames baseline = {{16400, "public.mood"}, {16500, "public.price"}};
    static const TypeNames candidate = {{26400, "public.mood"}, {26500, "public.price"}};
    return differences({a, baseline}, {b, candidate});
}

TEST(Differences, AreNoneBetweenEqualShapesWithOtherOids) {
    EXPECT_THAT(
        diff(described({{"a"}, {"m", 16400}}, {kText, 16500}), described({{"a"}, {"m", 26400}}, {kText, 26500})),
        IsEmpty());
    EXPECT_THAT(diff(refused("42P01"), refused("42P01")), IsEmpty());
}

TEST(Differences, OfErrors) {
    EXPECT_THAT(diff(described({{"a"}}), refused("42703")),
                ElementsAre(Difference{Kind::error_appeared, "", "no error", "ERROR 42703: no"}));
    EXPECT_THAT(diff(refused("42703"), described({{"a"}})),
                ElementsAre(Difference{Kind::error_disappeared, "", "ERROR 42703: no", "no error"}));
    EXPECT_THAT(diff(refused("42703"), refused("42P01")),
                ElementsAre(Difference{Kind::error_changed, "", "ERROR 42703: no", "ERROR 42P01: no"}));
}

TEST(Differences, OfParameters) {
    EXPECT_THAT(diff(described({}, {kInteger, kText}), described({}, {kInteger, kInteger})),
                ElementsAre(Difference{Kind::parameter_types, "$2", "text", "integer"}));
    EXPECT_THAT(diff(described({}, {kInteger}), described({})),
                ElementsAre(Difference{Kind::parameter_types, "$1", "integer", "none"}));
}

TEST(Differences, OfColumns) {
    EXPECT_THAT(diff(described({{"a"}, {"b"}}), described({{"a"}, {"b"}, {"c", kText}})),
                ElementsAre(Difference{Kind::column_added, "c", "none", "text"}));
    EXPECT_THAT(diff(described({{"a"}, {"b", kText}}), described({{"a"}})),
                ElementsAre(Difference{Kind::column_removed, "b", "text", "none"}));
    EXPECT_THAT(diff(described({{"a"}, {"b"}}), described({{"a"}, {"z"}})),
                ElementsAre(Difference{Kind::column_renamed, "b", "b", "z"}));
    EXPECT_THAT(diff(described({{"a"}}), described({{"a", kText}})),
                ElementsAre(Difference{Kind::column_retyped, "a", "integer", "text"}));
    EXPECT_THAT(diff(described({{"a"}, {"b"}, {"c"}}), described({{"b"}, {"a"}, {"c"}})),
                ElementsAre(Difference{Kind::column_order, "", "a, b, c", "b, a, c"}));
}

TEST(Differences, DoNotCallAnInsertedColumnAReorder) {
    EXPECT_THAT(diff(described({{"a"}, {"b"}}), described({{"n"}, {"a"}, {"b"}})),
                ElementsAre(Difference{Kind::column_added, "n", "none", "integer"}));
}

TEST(Differences, PairColumnsOfEqualNamesInOrder) {
    EXPECT_THAT(diff(described({{"id"}, {"id", kText}}), described({{"id"}, {"id", kText}})), IsEmpty());
    EXPECT_THAT(diff(described({{"id"}, {"id", kText}}), described({{"id"}})),
                ElementsAre(Difference{Kind::column_removed, "id", "text", "none"}));
}

TEST(Differences, OfALengthAreInformationOnly) {
    const auto found = diff(described({{"a", kVarchar, 24}}), described({{"a", kVarchar, 44}}));
    ASSERT_THAT(found,
                ElementsAre(Difference{Kind::type_modifier, "a", "character varying(20)", "character varying(40)"}));
    EXPECT_EQ(severity_of(found[0].kind), Severity::information);
}

TEST(TypeNameWithModifier, ReadsAsInSql) {
    EXPECT_EQ(type_name_with_modifier({}, 1700, ((10 << 16) | 2) + 4), "numeric(10,2)");
    EXPECT_EQ(type_name_with_modifier({}, kText, -1), "text");
    EXPECT_EQ(type_name_with_modifier({}, 1114, 3), "timestamp without time zone(3)");
    EXPECT_EQ(type_name_with_modifier({}, 99999, -1), "oid 99999");
}

}  // namespace
}  // namespace understudy::schema
