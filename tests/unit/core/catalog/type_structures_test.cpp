#include "core/catalog/type_structures.hpp"

#include <gtest/gtest.h>

#include "core/catalog/catalog_codec.hpp"
#include "tests/unit/core/catalog/sample_catalog.hpp"

namespace understudy::catalog {
namespace {

using pgwire::TypeStructure;
using Kind = TypeStructure::Kind;

TEST(UserTypesOfACatalogue, AreWhatReadingTheirValuesNeeds) {
    const auto types = user_types(testing::sample_catalog());
    const auto is = [&](std::uint32_t oid) { return pgwire::structure_of(oid, &types); };
    EXPECT_EQ(is(16'400), (TypeStructure{Kind::text}));
    EXPECT_EQ(is(16'401), (TypeStructure{Kind::array, 16'400}));
    EXPECT_EQ(is(16'410), (TypeStructure{Kind::domain, 1700}));
    EXPECT_EQ(is(16'412), (TypeStructure{Kind::composite, 0, {23, 1043}}));
    EXPECT_EQ(is(16'413), (TypeStructure{Kind::range, 701}));
    EXPECT_EQ(is(16'414), (TypeStructure{Kind::multirange, 16'413}));
    EXPECT_EQ(is(16'415), (TypeStructure{Kind::text}));
    EXPECT_EQ(is(16'416), TypeStructure{}) << "a base type that nobody knows";
    EXPECT_EQ(is(99'999), TypeStructure{});
}

TEST(UserTypesOfACatalogue, OfAnOlderVersionHasRowsAndNoRanges) {
    Catalog old = testing::sample_catalog();
    for (Type& type : old.types) type.relation_oid = type.subtype_oid = 0;
    const auto types = user_types(decode(encode(old)).value());
    EXPECT_EQ(pgwire::structure_of(16'412, &types), (TypeStructure{Kind::composite}));
    EXPECT_EQ(pgwire::structure_of(16'413, &types), TypeStructure{});
    EXPECT_EQ(pgwire::structure_of(16'414, &types), TypeStructure{});
}

}  // namespace
}  // namespace understudy::catalog
