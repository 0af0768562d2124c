#include "core/catalog/catalog_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/core/catalog/sample_catalog.hpp"

namespace understudy::catalog {
namespace {

TEST(CatalogCodec, GivesBackWhatWasEncoded) {
    const Catalog shop = testing::sample_catalog();
    const auto back = decode(encode(shop));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, shop);
}

TEST(CatalogCodec, TheEmptyCatalogueTakesNoBytes) {
    EXPECT_EQ(encode(Catalog()), "");
    EXPECT_EQ(decode("").value(), Catalog());
}

TEST(CatalogCodec, OlderCataloguesSayThatTheyDoNotKnow) {
    // Catalog{foreign_keys: {relation: 7, on_delete: 'c'}, functions: {name: "f"}}, as version 1 of the fields wrote
    // it.
    const auto old = decode(BytesView("\x32\x04\x08\x07\x30\x63\x42\x03\x12\x01\x66", 11));
    ASSERT_TRUE(old) << old.error().message;
    EXPECT_FALSE(old->dependencies_read);
    ASSERT_EQ(old->foreign_keys.size(), 1U);
    EXPECT_EQ(old->foreign_keys[0], (ForeignKey{7, "", {}, 0, {}, 'c', 'a', false, false}));
    ASSERT_EQ(old->functions.size(), 1U);
    EXPECT_EQ(old->functions[0].oid, 0U);
    EXPECT_FALSE(old->functions[0].touches_known);
}

TEST(CatalogCodec, EqualCataloguesGiveEqualBytes) {
    EXPECT_EQ(encode(testing::sample_catalog()), encode(decode(encode(testing::sample_catalog())).value()));
}

TEST(CatalogCodec, SortsWhatAnotherWriterLeftUnsorted) {
    Catalog shuffled = testing::sample_catalog();
    std::reverse(shuffled.relations.begin(), shuffled.relations.end());
    EXPECT_EQ(decode(encode(shuffled)).value(), testing::sample_catalog());
}

TEST(CatalogCodec, CutAnywhereItIsAnErrorOrASmallerCatalogue) {
    const Bytes whole = encode(testing::sample_catalog());
    std::size_t refused = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto cut = decode(BytesView(whole).substr(0, size));
        if (cut) {
            EXPECT_NE(*cut, testing::sample_catalog());
        } else {
            EXPECT_EQ(cut.error().code, Errc::malformed);
            ++refused;
        }
    }
    EXPECT_GT(refused, whole.size() / 2);
}

TEST(CatalogCodec, RefusesNumbersThatNoServerHas) {
    // Catalog{attributes: {number: 40000}}: field 4, length 4; field 2, zigzag varint 80000.
    const auto decoded = decode(BytesView("\x22\x04\x10\x80\xf1\x04", 6));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::malformed);
    // The largest that there is: 32767, varint 65534.
    const auto largest = decode(BytesView("\x22\x04\x10\xfe\xff\x03", 6));
    ASSERT_TRUE(largest);
    EXPECT_EQ(largest->attributes.at(0).number, 32'767);
}

TEST(CatalogCodec, RefusesMoreThanTheLimit) {
    Catalog large;
    large.database.assign(kMaxCatalogBytes, 'x');
    const auto decoded = decode(encode(large));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::limit);
    large.database.resize(kMaxCatalogBytes - 5);  // one byte of tag, four of length
    ASSERT_EQ(encode(large).size(), kMaxCatalogBytes);
    EXPECT_TRUE(decode(encode(large)));
}

}  // namespace
}  // namespace understudy::catalog
