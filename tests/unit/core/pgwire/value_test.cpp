#include "core/pgwire/value.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <string>
#include <vector>

#include "core/base/byte_writer.hpp"
#include "core/pgwire/type_oid.hpp"

namespace understudy::pgwire {
namespace {

struct Canonical {
    ValueClass value_class;
    Bytes bytes;
    friend bool operator==(const Canonical&, const Canonical&) = default;
};

void PrintTo(const Canonical& value, std::ostream* out) {
    *out << "class " << static_cast<int>(value.value_class) << " " << ::testing::PrintToString(value.bytes);
}

Canonical canonical(std::uint32_t type, std::int16_t format, BytesView value) {
    Bytes scratch = "left over";
    const CanonicalValue found = canonical_value(type, format, value, scratch);
    return {found.value_class, Bytes(found.bytes)};
}

Bytes big_endian(std::uint64_t value, std::size_t width) {
    Bytes bytes;
    ByteWriter(bytes).u64(value);
    return bytes.substr(8 - width);
}

Bytes binary_interval(std::int64_t micros, std::int32_t days, std::int32_t months) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u64(static_cast<std::uint64_t>(micros));
    writer.i32(days);
    writer.i32(months);
    return bytes;
}

Bytes numeric(std::int16_t weight, std::uint16_t sign, std::uint16_t scale, const std::vector<std::uint16_t>& digits) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u16(static_cast<std::uint16_t>(digits.size()));
    writer.i16(weight);
    writer.u16(sign);
    writer.u16(scale);
    for (const std::uint16_t digit : digits) writer.u16(digit);
    return bytes;
}

struct Sample {
    std::uint32_t type;
    ValueClass value_class;
    Bytes text;
    Bytes binary;
};

std::vector<Sample> samples() {
    using enum ValueClass;
    constexpr auto kMinTime = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::min());
    return {
        {type_oid::boolean, boolean, "t", "\1"},
        {type_oid::boolean, boolean, "f", Bytes(1, '\0')},
        {type_oid::int2, number, "-32768", big_endian(0x8000, 2)},
        {type_oid::int4, number, "2147483647", big_endian(0x7fffffff, 4)},
        {type_oid::int8, number, "-9223372036854775808", big_endian(kMinTime, 8)},
        {type_oid::oid, number, "4294967295", big_endian(0xffffffff, 4)},
        {type_oid::numeric, number, "0", numeric(0, 0, 0, {})},
        {type_oid::numeric, number, "0.00", numeric(0, 0, 2, {})},
        {type_oid::numeric, number, "-12345.6700", numeric(1, 0x4000, 4, {1, 2345, 6700})},
        {type_oid::numeric, number, "0.0000012", numeric(-2, 0, 7, {120})},
        {type_oid::numeric, number, "10000000", numeric(1, 0, 0, {1000})},
        {type_oid::numeric, number, "NaN", numeric(0, 0xc000, 0, {})},
        {type_oid::numeric, number, "-Infinity", numeric(0, 0xf000, 0x20, {})},
        {type_oid::float4, real, "1e+06", big_endian(std::bit_cast<std::uint32_t>(1e6F), 4)},
        {type_oid::float4, real, "0.1", big_endian(std::bit_cast<std::uint32_t>(0.1F), 4)},
        {type_oid::float8, double_, "0.1", big_endian(std::bit_cast<std::uint64_t>(0.1), 8)},
        {type_oid::float8, double_, "-0", big_endian(std::bit_cast<std::uint64_t>(-0.0), 8)},
        {type_oid::float8, double_, "NaN", big_endian(0xfff8000000000123, 8)},
        {type_oid::float8, double_, "-Infinity", big_endian(0xfff0000000000000, 8)},
        {type_oid::float8, double_, "5e-324", big_endian(1, 8)},
        {type_oid::float8, double_, "1e-05", big_endian(std::bit_cast<std::uint64_t>(1e-5), 8)},
        {type_oid::float8, double_, "100000000000000", big_endian(std::bit_cast<std::uint64_t>(1e14), 8)},
        {type_oid::float8, double_, "1e+15", big_endian(std::bit_cast<std::uint64_t>(1e15), 8)},
        // The shorter 1.801439850948199e+16 lies halfway to the next number.
        {type_oid::float8, double_, "1.8014398509481988e+16",
         big_endian(std::bit_cast<std::uint64_t>(18014398509481988.0), 8)},
        {type_oid::varchar, text, "any \\ bytes", "any \\ bytes"},
        {type_oid::char_byte, text, "", Bytes(1, '\0')},
        {type_oid::char_byte, text, "x", "x"},
        {type_oid::uuid, uuid, "00112233-4455-6677-8899-aabbccddeeff",
         big_endian(0x0011223344556677, 8) + big_endian(0x8899aabbccddeeff, 8)},
        {type_oid::date, date, "2000-01-01", big_endian(0, 4)},
        {type_oid::date, date, "4714-11-24 BC", big_endian(0xffffffffU - 2451544U, 4)},
        {type_oid::date, date, "5874897-12-31", big_endian(2145031948, 4)},
        {type_oid::date, date, "infinity", big_endian(0x7fffffff, 4)},
        {type_oid::time, time, "24:00:00", big_endian(86'400'000'000, 8)},
        {type_oid::time, time, "12:34:56.7", big_endian(45'296'700'000, 8)},
        {type_oid::timetz, time, "12:34:56.7+05:30", big_endian(45'296'700'000, 8) + big_endian(0xffffb2a8, 4)},
        {type_oid::timetz, time, "00:00:00-15:59:59", big_endian(0, 8) + big_endian(57599, 4)},
        {type_oid::timestamp, timestamp, "1999-12-31 23:59:59.999999", big_endian(~std::uint64_t{0}, 8)},
        {type_oid::timestamp, timestamp, "4714-11-24 00:00:00 BC",
         big_endian(static_cast<std::uint64_t>(-211'813'488'000'000'000), 8)},
        {type_oid::timestamp, timestamp, "-infinity", big_endian(kMinTime, 8)},
        {type_oid::timestamptz, timestamptz, "294276-12-31 23:59:59.999999+00",
         big_endian(9'223'371'331'199'999'999, 8)},
        {type_oid::interval, interval, "00:00:00", binary_interval(0, 0, 0)},
        {type_oid::interval, interval, "1 year 2 mons -3 days +04:05:06.789", binary_interval(14'706'789'000, -3, 14)},
        {type_oid::interval, interval, "-1 years -1 mons +1 day", binary_interval(0, 1, -13)},
        {type_oid::interval, interval, "-2562047788:00:54.775808",
         binary_interval(std::numeric_limits<std::int64_t>::min(), 0, 0)},
        {type_oid::json, json, "{\"a\": 1}", "{\"a\": 1}"},
        {type_oid::jsonb, jsonb, "{\"a\": 1}", "\1{\"a\": 1}"},
    };
}

TEST(CanonicalValue, is_the_same_for_text_and_binary) {
    for (const Sample& sample : samples()) {
        const Canonical from_text = canonical(sample.type, 0, sample.text);
        EXPECT_EQ(from_text.value_class, sample.value_class) << sample.text;
        EXPECT_EQ(canonical(sample.type, 1, sample.binary), from_text) << sample.text;
    }
}

TEST(DisplayValue, is_the_text_of_either_format) {
    for (const Sample& sample : samples()) {
        EXPECT_EQ(display_value(sample.type, 0, sample.text), sample.text);
        EXPECT_EQ(display_value(sample.type, 1, sample.binary), sample.text);
    }
}

TEST(CanonicalValue, borrows_text_that_is_canonical_already) {
    Bytes scratch;
    for (const Sample& sample : samples()) {
        const bool converted = sample.type == type_oid::float4 || sample.type == type_oid::float8;
        const CanonicalValue found = canonical_value(sample.type, 0, sample.text, scratch);
        EXPECT_EQ(found.bytes.data() == sample.text.data(), !converted) << sample.text;
    }
}

TEST(CanonicalValue, keeps_minus_zero_apart_from_zero_and_scale_apart_from_value) {
    EXPECT_NE(canonical(type_oid::float8, 0, "-0"), canonical(type_oid::float8, 0, "0"));
    EXPECT_NE(canonical(type_oid::numeric, 0, "1.50"), canonical(type_oid::numeric, 0, "1.5"));
    EXPECT_EQ(canonical(type_oid::int4, 0, "15"), canonical(type_oid::numeric, 0, "15"));
}

TEST(CanonicalValue, of_a_timestamptz_is_in_utc) {
    const auto utc = [](BytesView text) { return canonical(type_oid::timestamptz, 0, text); };
    const auto is = [](BytesView text) { return Canonical{ValueClass::timestamptz, Bytes(text)}; };
    EXPECT_EQ(utc("2024-01-15 12:34:56.789+05:30"), is("2024-01-15 07:04:56.789+00"));
    EXPECT_EQ(utc("2024-02-28 20:00:00-04"), is("2024-02-29 00:00:00+00"));
    EXPECT_EQ(utc("1890-01-01 00:53:28+00:53:28"), is("1890-01-01 00:00:00+00"));
    EXPECT_EQ(utc("0001-01-01 00:30:00+01"), is("0001-12-31 23:30:00+00 BC"));
    EXPECT_EQ(utc("0044-03-15 12:00:00+01 BC"), is("0044-03-15 11:00:00+00 BC"));
    EXPECT_EQ(utc("294277-01-01 00:59:59.999999+01"), is("294276-12-31 23:59:59.999999+00"));
    EXPECT_EQ(utc("2024-01-15 12:00:00-00"), is("2024-01-15 12:00:00+00"));
    EXPECT_EQ(utc("infinity"), is("infinity"));
}

TEST(CanonicalValue, of_a_bytea_is_its_bytes_in_each_style) {
    const Canonical expected{ValueClass::bytea, Bytes("a\\\0\xff", 4)};
    EXPECT_EQ(canonical(type_oid::bytea, 0, "\\x615c00fF"), expected);
    EXPECT_EQ(canonical(type_oid::bytea, 0, "a\\\\\\000\\377"), expected);
    EXPECT_EQ(canonical(type_oid::bytea, 1, expected.bytes), expected);
    EXPECT_EQ(display_value(type_oid::bytea, 1, expected.bytes), "\\x615c00ff");
}

TEST(CanonicalValue, of_a_uuid_is_lower_case_with_hyphens) {
    const Canonical expected{ValueClass::uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"};
    EXPECT_EQ(canonical(type_oid::uuid, 0, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"), expected);
    EXPECT_EQ(canonical(type_oid::uuid, 0, "{a0eebc999c0b4ef8bb6d6bb9bd380a11}"), expected);
    EXPECT_EQ(canonical(type_oid::uuid, 0, "a0eebc99-9c0b").value_class, ValueClass::text);
}

TEST(CanonicalValue, keeps_text_that_does_not_parse_by_its_bytes) {
    const std::vector<std::pair<std::uint32_t, Bytes>> others{
        {type_oid::int4, ""},
        {type_oid::int4, "-"},
        {type_oid::int4, "+1"},
        {type_oid::int8, "007"},
        {type_oid::numeric, "1."},
        {type_oid::numeric, "1e5"},
        {type_oid::boolean, "true"},
        {type_oid::float8, "1,5"},
        {type_oid::float8, ""},
        {type_oid::bytea, "\\x1"},
        {type_oid::bytea, "a\\9"},
        {type_oid::date, "15.01.2024"},
        {type_oid::date, "01-15-2024"},
        {type_oid::date, "2023-02-29"},
        {type_oid::date, "0000-01-01"},
        {type_oid::date, "2024-01-15 AD"},
        {type_oid::time, "24:00:01"},
        {type_oid::time, "1:00:00"},
        {type_oid::timestamp, "Mon Jan 15 12:00:00 2024"},
        {type_oid::timestamp, "2024-01-15T12:00:00"},
        {type_oid::timestamp, "2024-01-15 12:00:00.50"},
        {type_oid::timestamptz, "2024-01-15 12:00:00 CET"},
        {type_oid::timestamptz, "2024-01-15 12:00:00+16"},
        {type_oid::timestamptz, "294277-01-01 00:00:00-01"},
        {type_oid::timestamptz, "9999999-01-01 00:00:00-01"},
        {type_oid::interval, "P1Y"},
        {type_oid::interval, "@ 1 year"},
        {type_oid::interval, "1-2 3 4:05:06"},
        {type_oid::interval, "1 day "},
        {type_oid::interval, ""},
        {type_oid::interval, "9999999999:00:00"},
    };
    for (const auto& [type, text] : others) {
        EXPECT_EQ(canonical(type, 0, text), (Canonical{ValueClass::text, text})) << type << " " << text;
    }
}

TEST(CanonicalValue, compares_binary_that_does_not_fit_its_type_by_its_bytes) {
    const std::vector<std::pair<std::uint32_t, Bytes>> others{
        {type_oid::boolean, ""},
        {type_oid::int4, "abc"},
        {type_oid::int8, "123456789"},
        {type_oid::float8, "1234"},
        {type_oid::uuid, Bytes(15, 'u')},
        {type_oid::jsonb, "\2{}"},
        {type_oid::jsonb, ""},
        {type_oid::numeric, numeric(0, 0, 0, {10000})},
        {type_oid::numeric, numeric(0, 1, 0, {1})},
        {type_oid::numeric, numeric(0, 0, 0x4000, {1})},
        {type_oid::numeric, numeric(0, 0, 0, {1}) + "x"},
        {type_oid::time, big_endian(86'400'000'001, 8)},
        {type_oid::date, big_endian(2145031949, 4)},
        {type_oid::timestamp, big_endian(9'223'371'331'200'000'000, 8)},
        {type_oid::timetz, big_endian(0, 8) + big_endian(57600, 4)},
        {869, "inet"},
        {16400, "user type"},
    };
    for (const auto& [type, binary] : others) {
        EXPECT_EQ(canonical(type, 1, binary), (Canonical{ValueClass::opaque_binary, binary})) << type;
    }
    EXPECT_EQ(display_value(type_oid::int4, 1, "abc"), "\\x616263");
    EXPECT_EQ(canonical(type_oid::int4, 2, "5").value_class, ValueClass::opaque_binary);
    EXPECT_EQ(canonical(16400, 0, "user type"), (Canonical{ValueClass::text, "user type"}));
}

/// A binary array of dimensions (length, lower bound), whose elements are `values`.
Bytes array(std::uint32_t element, const std::vector<std::pair<int, int>>& dimensions,
            const std::vector<const char*>& values) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u32(static_cast<std::uint32_t>(dimensions.size()));
    writer.u32(0);
    writer.u32(element);
    for (const auto& [length, lower_bound] : dimensions) {
        writer.i32(length);
        writer.i32(lower_bound);
    }
    for (const char* value : values) {
        writer.i32(value == nullptr ? -1 : static_cast<std::int32_t>(BytesView(value).size()));
        if (value != nullptr) writer.bytes(value);
    }
    return bytes;
}

constexpr std::uint32_t kTextArray = 1009;

TEST(Arrays, become_text_with_the_quotes_that_postgresql_writes) {
    const Bytes binary =
        array(type_oid::text, {{9, 1}}, {"plain", "", nullptr, "NULL", "nul", "a b", "a,b", "{x}", "\"\\"});
    const Bytes text = R"({plain,"",NULL,"NULL",nul,"a b","a,b","{x}","\"\\"})";
    EXPECT_EQ(display_value(kTextArray, 1, binary), text);
    EXPECT_EQ(canonical(kTextArray, 1, binary), canonical(kTextArray, 0, text));
    EXPECT_EQ(canonical(kTextArray, 1, binary).value_class, ValueClass::array);
}

TEST(Arrays, have_up_to_six_dimensions_and_lower_bounds) {
    EXPECT_EQ(display_value(kTextArray, 1, array(type_oid::text, {}, {})), "{}");
    EXPECT_EQ(display_value(kTextArray, 1, array(type_oid::text, {{2, 1}, {2, 1}}, {"a", "b", "c", "d"})),
              "{{a,b},{c,d}}");
    EXPECT_EQ(display_value(kTextArray, 1, array(type_oid::text, {{1, 0}, {2, -1}}, {"a", "b"})),
              "[0:0][-1:0]={{a,b}}");
    const std::vector<std::pair<int, int>> six(6, {1, 1});
    EXPECT_EQ(display_value(kTextArray, 1, array(type_oid::text, six, {"a"})), "{{{{{{a}}}}}}");
}

TEST(Arrays, that_do_not_fit_are_compared_by_their_bytes) {
    const std::vector<std::pair<int, int>> seven(7, {1, 1});
    for (const Bytes& binary :
         {array(type_oid::text, seven, {"a"}), array(type_oid::int4, {{1, 1}}, {"four"}),
          array(type_oid::text, {{2, 1}}, {"a"}), array(type_oid::text, {{1, 1}}, {"a", "b"}),
          array(type_oid::text, {{-1, 1}}, {}), array(type_oid::text, {{2147483647, 1}, {2147483647, 1}}, {"a"}),
          array(type_oid::text, {{1, 2147483647}}, {"a"}), Bytes(), Bytes("\0\0\0\1", 4)}) {
        EXPECT_EQ(canonical(kTextArray, 1, binary), (Canonical{ValueClass::opaque_binary, binary}));
    }
}

TEST(Arrays, of_few_bytes_do_not_print_as_gigabytes) {
    const Bytes huge = numeric(32767, 0, 0, {1});  // ten bytes that print as 131,069 digits
    Bytes binary = array(type_oid::numeric, {{1000, 1}}, {});
    for (int i = 0; i < 1000; ++i) binary += big_endian(huge.size(), 4) + huge;
    EXPECT_EQ(canonical(1231, 1, binary).value_class, ValueClass::opaque_binary);
    EXPECT_EQ(canonical(type_oid::numeric, 1, huge).bytes.size(), 131069U);
}

TEST(BuiltinTypeName, is_the_name_that_format_type_gives) {
    EXPECT_EQ(builtin_type_name(type_oid::int4), "integer");
    EXPECT_EQ(builtin_type_name(type_oid::varchar), "character varying");
    EXPECT_EQ(builtin_type_name(1185), "timestamp with time zone[]");
    EXPECT_EQ(builtin_type_name(0), "");
    EXPECT_EQ(builtin_type_name(16400), "");
}

}  // namespace
}  // namespace understudy::pgwire
