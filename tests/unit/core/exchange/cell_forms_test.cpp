#include "core/exchange/cell_forms.hpp"

#include <gtest/gtest.h>

#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/type_structure.hpp"

namespace understudy {
namespace {

namespace oid = pgwire::type_oid;
constexpr std::uint32_t kFloats = 1022;
constexpr std::uint32_t kUserType = 16'500;

ResultDigest with_form(unsigned bits) {
    ResultDigest digest;
    digest.column_forms = Bytes(1, static_cast<char>(bits));
    return digest;
}

constexpr unsigned kBytes = 1;
constexpr unsigned kReprinted = 2;
constexpr unsigned kValue = 4;

bool in_one(const ResultDigest& a, std::int16_t format_a, const ResultDigest& b, std::int16_t format_b,
            std::uint32_t type = kUserType) {
    const bool one = in_one_form({a, 0, type, format_a}, {b, 0, type, format_b});
    EXPECT_EQ(in_one_form({b, 0, type, format_b}, {a, 0, type, format_a}), one);
    return one;
}

TEST(CellForms, values_and_bytes_are_two_forms) {
    EXPECT_TRUE(in_one(with_form(kValue), 1, with_form(kValue), 0));
    EXPECT_TRUE(in_one(with_form(kValue), 1, with_form(kValue | kReprinted), 0));
    EXPECT_TRUE(in_one(with_form(kBytes), 1, with_form(kBytes), 1));
    EXPECT_FALSE(in_one(with_form(kBytes), 1, with_form(kValue), 1));
    EXPECT_FALSE(in_one(with_form(kBytes), 1, with_form(kValue), 0));
}

TEST(CellForms, nulls_alone_can_be_compared_with_everything) {
    EXPECT_TRUE(in_one(with_form(0), 1, with_form(kBytes), 1));
    EXPECT_TRUE(in_one(with_form(0), 1, with_form(kValue), 1));
}

TEST(CellForms, captures_of_older_versions_took_binary_by_its_bytes_and_text_as_it_was) {
    const ResultDigest old;
    EXPECT_TRUE(in_one(old, 1, old, 1));
    EXPECT_TRUE(in_one(old, 0, old, 0));
    EXPECT_FALSE(in_one(old, 1, with_form(kValue), 1, oid::point));
    EXPECT_TRUE(in_one(old, 1, with_form(kBytes), 1));
    EXPECT_TRUE(in_one(old, 0, with_form(kValue), 0, oid::point));
    EXPECT_FALSE(in_one(old, 0, with_form(kValue | kReprinted), 0, oid::tstzrange));
    EXPECT_FALSE(in_one(old, 0, with_form(kValue), 1, oid::point));
    // Arrays of floats were read then too.
    EXPECT_TRUE(in_one(old, 1, with_form(kValue), 1, kFloats));
}

TEST(CellForms, settled_are_the_types_whose_digests_never_changed) {
    for (const std::uint32_t type : {oid::int4, oid::text, oid::timestamptz, oid::bytea, oid::jsonb, std::uint32_t{1007}}) {
        EXPECT_TRUE(pgwire::has_settled_digest(type)) << type;
    }
    for (const std::uint32_t type : {oid::point, oid::int4range, oid::inet, oid::record, kFloats, kUserType,
                                     std::uint32_t{0}}) {
        EXPECT_FALSE(pgwire::has_settled_digest(type)) << type;
    }
}

TEST(UserTypes, an_oid_of_two_types_is_not_known) {
    using Kind = pgwire::TypeStructure::Kind;
    pgwire::UserTypes types;
    types.add(kUserType, {Kind::text});
    types.add(kUserType, {Kind::text});
    EXPECT_EQ(pgwire::structure_of(kUserType, &types).kind, Kind::text);
    types.add(kUserType, {Kind::hstore});
    EXPECT_EQ(pgwire::structure_of(kUserType, &types).kind, Kind::plain);
    types.add(oid::int4, {Kind::text});  // PostgreSQL's own are what they are
    EXPECT_EQ(pgwire::structure_of(oid::int4, &types).kind, Kind::plain);
    EXPECT_EQ(pgwire::structure_of(oid::int4range, nullptr).of, oid::int4);
}

TEST(UserTypes, later_types_join_and_take_the_place_of_earlier_ones) {
    using Kind = pgwire::TypeStructure::Kind;
    pgwire::UserTypes types;
    types.add(kUserType, {Kind::composite, 0, {oid::int4}});
    types.add(kUserType + 1, {Kind::hstore});
    pgwire::UserTypes later;
    later.add(kUserType, {Kind::composite, 0, {oid::int4, oid::text}});
    later.add(kUserType + 2, {Kind::text});
    types.update(later);
    EXPECT_EQ(types.find(kUserType)->attributes.size(), 2U);
    EXPECT_EQ(types.find(kUserType + 1)->kind, Kind::hstore);
    EXPECT_EQ(types.find(kUserType + 2)->kind, Kind::text);
}

}  // namespace
}  // namespace understudy
