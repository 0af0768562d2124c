#include "core/pgwire/value_encode.hpp"

#include <gtest/gtest.h>

#include <random>

#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::pgwire {
namespace {

TEST(ValueEncode, IsTheInverseOfDisplay) {
    const std::vector<std::pair<std::uint32_t, const char*>> values{
        {type_oid::int2, "-32768"},
        {type_oid::int4, "2147483647"},
        {type_oid::int8, "-9223372036854775808"},
        {type_oid::oid, "4294967295"},
        {type_oid::numeric, "0"},
        {type_oid::numeric, "0.00"},
        {type_oid::numeric, "10000"},
        {type_oid::numeric, "-12345678.90"},
        {type_oid::numeric, "0.00001234"},
        {type_oid::numeric, "100000000000000000000.5"},
        {type_oid::float4, "1.5"},
        {type_oid::float8, "-1e-07"},
        {type_oid::boolean, "t"},
        {type_oid::uuid, "0f8fad5b-d9cb-469f-a165-70867728950e"},
        {type_oid::date, "1999-12-31"},
        {type_oid::date, "0044-03-15 BC"},
        {type_oid::time, "23:59:59.999999"},
        {type_oid::timestamp, "1970-01-01 00:00:00.5"},
        {type_oid::timestamptz, "2024-02-29 23:59:59+00"},
        {type_oid::bytea, "\\x00ff10"},
        {type_oid::text, "any"},
        {type_oid::jsonb, "{}"},
    };
    for (const auto& [type, text] : values) {
        Bytes binary;
        ASSERT_TRUE(append_binary(type, text, binary)) << text;
        EXPECT_EQ(display_value(type, 1, binary), text);
    }
}

TEST(ValueEncode, RefusesWhatIsNoValueOfTheType) {
    const std::vector<std::pair<std::uint32_t, const char*>> values{
        {type_oid::int2, "32768"},   {type_oid::int4, "1x"},       {type_oid::int4, ""},
        {type_oid::numeric, "NaN"},  {type_oid::numeric, "1.2.3"}, {type_oid::float8, "one"},
        {type_oid::boolean, "true"}, {type_oid::uuid, "0f8fad5b"}, {type_oid::date, "2024-02-30"},
        {type_oid::time, "25"},      {type_oid::timestamp, "now"}, {type_oid::timestamptz, "2024-01-01 10:00:00"},
        {type_oid::bytea, "\\x0"},   {type_oid::bytea, "\\xzz"},   {type_oid::interval, "1 day"},
    };
    for (const auto& [type, text] : values) {
        Bytes binary = "kept";
        EXPECT_FALSE(append_binary(type, text, binary)) << text;
        EXPECT_EQ(binary, "kept");
    }
}

TEST(ValueEncodeProperty, RandomNumericsComeBack) {
    std::mt19937 random(4);
    for (int seed = 0; seed < 5'000; ++seed) {
        Bytes text = std::to_string(random() % 1'000'000);
        for (std::uint64_t i = random() % 20; i > 0 && text != "0"; --i) text += static_cast<char>('0' + random() % 10);
        if (random() % 2 == 0) text += ".";
        for (std::uint64_t i = 1 + random() % 12; i > 0 && text.find('.') != Bytes::npos; --i) {
            text += static_cast<char>('0' + random() % 10);
        }
        if (random() % 2 == 0 && text.find_first_not_of("0.") != Bytes::npos) text.insert(0, 1, '-');
        Bytes binary;
        ASSERT_TRUE(append_binary(type_oid::numeric, text, binary)) << text;
        ASSERT_EQ(display_value(type_oid::numeric, 1, binary), text);
    }
}

}  // namespace
}  // namespace understudy::pgwire
