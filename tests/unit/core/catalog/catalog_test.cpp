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

TEST(Catalog, SortingMakesTheOrderOfReadingIrrelevant) {
    Catalog shuffled = testing::sample_catalog();
    std::reverse(shuffled.types.begin(), shuffled.types.end());
    std::reverse(shuffled.attributes.begin(), shuffled.attributes.end());
    std::reverse(shuffled.settings.begin(), shuffled.settings.end());
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
