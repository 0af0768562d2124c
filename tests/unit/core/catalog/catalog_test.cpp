#include "core/catalog/catalog.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/core/catalog/sample_catalog.hpp"

namespace understudy::catalog {
namespace {

TEST(Catalog, NamesTypesAsFormatTypeDoes) {
    const Catalog shop = testing::sample_catalog();
    EXPECT_EQ(shop.type_name(16'400), "mood");
    EXPECT_EQ(shop.type_name(16'401), "mood[]");
    EXPECT_EQ(shop.type_name(16'410), "billing.\"Price\"");
    EXPECT_EQ(shop.type_name(16'411), "billing.\"Price\"[]");
    EXPECT_EQ(shop.type_name(23), "integer");
    EXPECT_EQ(shop.type_name(1015), "character varying[]");
    EXPECT_EQ(shop.type_name(99'999), "");
}

TEST(Catalog, NamesABuiltinTypeThatOnlyTheServerKnows) {
    Catalog later;
    later.types = {{9'990, "pg_catalog", "novelty", 'b', 0, 0, {}}};
    EXPECT_EQ(later.type_name(9'990), "novelty");
}

TEST(Catalog, AnArrayOfItselfHasItsOwnName) {
    Catalog damaged;
    damaged.types = {{20'000, "public", "a", 'b', 20'001, 0, {}}, {20'001, "public", "b", 'b', 20'000, 0, {}}};
    EXPECT_EQ(damaged.type_name(20'000), "a");
}

TEST(Catalog, FindsRelationsAndAttributes) {
    const Catalog shop = testing::sample_catalog();
    ASSERT_NE(shop.relation(16'430), nullptr);
    EXPECT_EQ(shop.relation(16'430)->name, "orders");
    EXPECT_EQ(shop.relation(16'431), nullptr);
    ASSERT_NE(shop.attribute(16'420, 3), nullptr);
    EXPECT_EQ(shop.attribute(16'420, 3)->name, "name");
    EXPECT_EQ(shop.attribute(16'420, 2), nullptr) << "a dropped column";
    EXPECT_EQ(Catalog().relation(1), nullptr);
}

TEST(Catalog, FindsByNameAsTheSearchPathSays) {
    Catalog shop;
    shop.relations = {{1, "public", "t", 'r', ""}, {2, "app", "t", 'r', ""}, {3, "app", "u", 'v', ""}};
    shop.attributes = {{1, 1, "id", 23, -1, true, false, "", 0, 0},
                       {2, 1, "id", 20, -1, true, false, "", 0, 0},
                       {2, 4, "x", 20, -1, true, false, "", 0, 0}};
    EXPECT_EQ(shop.relation_named("app", "t", {})->oid, 2U);
    EXPECT_EQ(shop.relation_named("", "t", {"none", "public", "app"})->oid, 1U);
    EXPECT_EQ(shop.relation_named("", "t", {"app", "public"})->oid, 2U);
    EXPECT_EQ(shop.relation_named("", "u", {"public", "app"})->oid, 3U);
    EXPECT_EQ(shop.relation_named("", "u", {"public"}), nullptr);
    EXPECT_EQ(shop.relation_named("public", "u", {"app"}), nullptr);
    EXPECT_EQ(shop.relation_named("", "t", {}), nullptr);
    EXPECT_EQ(shop.attribute_named(2, "id")->type_oid, 20U);
    EXPECT_EQ(shop.attribute_named(2, "x")->number, 4);
    EXPECT_EQ(shop.attribute_named(1, "x"), nullptr);
    EXPECT_EQ(shop.attribute_named(3, "id"), nullptr);
}

TEST(Catalog, ATriggersTypeSaysWhenItFires) {
    Trigger trigger;
    trigger.type = 23;  // ROW, BEFORE, INSERT, UPDATE
    EXPECT_TRUE(trigger.for_each_row() && trigger.before() && trigger.on_insert() && trigger.on_update());
    EXPECT_FALSE(trigger.on_delete() || trigger.on_truncate() || trigger.instead());
}

TEST(Catalog, SortingMakesTheOrderOfReadingIrrelevant) {
    Catalog shuffled = testing::sample_catalog();
    std::reverse(shuffled.types.begin(), shuffled.types.end());
    std::reverse(shuffled.attributes.begin(), shuffled.attributes.end());
    std::reverse(shuffled.settings.begin(), shuffled.settings.end());
    std::reverse(shuffled.inheritance.begin(), shuffled.inheritance.end());
    std::reverse(shuffled.rule_dependencies.begin(), shuffled.rule_dependencies.end());
    std::reverse(shuffled.view_columns.begin(), shuffled.view_columns.end());
    std::reverse(shuffled.triggers.begin(), shuffled.triggers.end());
    EXPECT_NE(shuffled, testing::sample_catalog());
    shuffled.sort();
    EXPECT_EQ(shuffled, testing::sample_catalog());
}

TEST(Catalog, QuotesOnlyWhatHasToBe) {
    EXPECT_EQ(quoted_if_needed("mood_2$"), "mood_2$");
    EXPECT_EQ(quoted_if_needed("Mood"), "\"Mood\"");
    EXPECT_EQ(quoted_if_needed("2nd"), "\"2nd\"");
    EXPECT_EQ(quoted_if_needed("a\"b"), "\"a\"\"b\"");
    EXPECT_EQ(quoted_if_needed(""), "\"\"");
}

}  // namespace
}  // namespace understudy::catalog
