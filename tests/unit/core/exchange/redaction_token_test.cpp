#include "core/exchange/redaction_token.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "core/exchange/token_forms.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value.hpp"
#include "core/pgwire/value_encode.hpp"

namespace understudy {
namespace {

namespace oid = pgwire::type_oid;

DigestKey key(unsigned char fill) {
    std::array<unsigned char, DigestKey::kSize> bytes{};
    bytes.fill(fill);
    return DigestKey(bytes);
}

const RedactionTokens& tokens() {
    static const RedactionTokens all(key(7));
    return all;
}

Bytes binary(std::uint32_t type, BytesView text) {
    Bytes out;
    EXPECT_TRUE(pgwire::append_binary(type, text, out)) << type << " " << text;
    return out;
}

struct Value {
    std::uint32_t type;
    Bytes text;
};

const std::vector<Value>& values() {
    static const std::vector<Value> all{
        {oid::text, "Ann Smith"},
        {oid::varchar, "ann@example.com"},
        {oid::int2, "-12345"},
        {oid::int4, "4711"},
        {oid::int4, "2147483647"},
        {oid::int8, "9223372036854775807"},
        {oid::int8, "0"},
        {oid::numeric, "1234.50"},
        {oid::numeric, "-0.0001"},
        {oid::numeric, "123456789012345678901234567890.12"},
        {oid::float8, "1.5"},
        {oid::uuid, "0f8fad5b-d9cb-469f-a165-70867728950e"},
        {oid::date, "1987-06-05"},
        {oid::timestamp, "2024-02-29 12:34:56.789"},
        {oid::timestamptz, "2024-02-29 12:34:56+00"},
        {oid::time, "12:34:56"},
        {oid::bytea, "\\xdeadbeef"},
        {oid::jsonb, R"({"email":"ann@example.com","n":[1,2.5,null,true]})"},
    };
    return all;
}

TEST(RedactionTokens, TextAndBinaryFormatGiveOneToken) {
    for (const Value& value : values()) {
        const Bytes text = tokens().wire(value.type, 0, value.text);
        EXPECT_NE(text, value.text) << value.text;
        const Bytes bytes = tokens().wire(value.type, 1, binary(value.type, value.text));
        EXPECT_EQ(pgwire::display_value(value.type, 1, bytes), text) << value.text;
        // What a client sends without saying the type.
        EXPECT_EQ(tokens().wire(0, 0, value.text), text) << value.text;
    }
}

TEST(RedactionTokens, AreValuesOfTheType) {
    for (const Value& value : values()) {
        Bytes scratch;
        const Bytes token = tokens().wire(value.type, 0, value.text);
        EXPECT_EQ(pgwire::canonical_value(value.type, 0, token, scratch).value_class,
                  pgwire::canonical_value(value.type, 0, value.text, scratch).value_class)
            << value.text << " → " << token;
    }
}

TEST(RedactionTokens, KeepTheFormOfNumbers) {
    for (const char* text : {"7", "42", "-42", "32767", "32768", "2147483648", "0042", "12.30", "-0.5", "1.5e+20"}) {
        const Bytes token = tokens().text(text);
        EXPECT_EQ(token.size(), BytesView(text).size()) << token;
        EXPECT_EQ(token.find('.'), BytesView(text).find('.')) << token;
        EXPECT_EQ(token[0] == '-', text[0] == '-') << token;
    }
    EXPECT_EQ(tokens().text("1.5") + "0", tokens().text("1.50"));
    EXPECT_EQ(tokens().text("100") + ".00", tokens().text("100.00"));
    EXPECT_EQ(tokens().number(".5"), tokens().text("0.5"));
    EXPECT_EQ(tokens().number("1_000"), tokens().text("1000"));
    EXPECT_EQ(tokens().text("2024-01-02") + " 00:00:00", tokens().text("2024-01-02 00:00:00"));
    EXPECT_EQ(tokens().text("2024-01-02T10:00:00Z"), tokens().text("2024-01-02 12:00:00+02"));
}

TEST(RedactionTokens, WholeNumbersAndDatesNeverCollide) {
    for (const auto& [first, last] : {std::pair{0, 9}, std::pair{10, 99}, std::pair{30'000, 35'000}}) {
        std::set<Bytes> seen;
        for (int i = first; i <= last; ++i) {
            const Bytes token = tokens().text(std::to_string(i));
            EXPECT_TRUE(seen.insert(token).second) << i;
            EXPECT_EQ(std::stoi(token) > 32'767, i > 32'767);
        }
    }
    std::set<Bytes> dates;
    for (int day = -730'000; day < 270'000; day += 37) {
        Bytes bytes;
        for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(day >> shift));
        dates.insert(tokens().wire(oid::date, 1, bytes));
    }
    EXPECT_EQ(dates.size(), 1'000'000U / 37 + 1);
    std::set<Bytes> prices;
    for (int i = 0; i < 1000; ++i) prices.insert(tokens().text(std::to_string(i) + ".5"));
    EXPECT_EQ(prices.size(), 1000U);
}

TEST(RedactionTokens, TextHasTheLengthOfItsClass) {
    EXPECT_EQ(token_forms::token_length(1), 1U);
    EXPECT_EQ(token_forms::token_length(8), 8U);
    EXPECT_EQ(token_forms::token_length(9), 9U);
    EXPECT_EQ(token_forms::token_length(16), 9U);
    EXPECT_EQ(token_forms::token_length(17), 17U);
    EXPECT_EQ(token_forms::token_length(1000), 513U);
    EXPECT_EQ(tokens().text("\xc3\xa4\xc3\xb6\xc3\xbc").size(), 3U);
    EXPECT_EQ(tokens().text("x  ", oid::bpchar), tokens().text("x") + "  ");
    const Bytes mail = tokens().text("somebody.else@example.com");
    EXPECT_TRUE(mail.ends_with(".test")) << mail;
    EXPECT_EQ(std::count(mail.begin(), mail.end(), '@'), 1);
    EXPECT_EQ(tokens().text(""), "");
    EXPECT_EQ(tokens().text("t", oid::boolean), "t");
}

TEST(RedactionTokens, ReplaceTheLeavesOfJsonAndArrays) {
    const Bytes mail = tokens().text("ann@example.com");
    EXPECT_EQ(tokens().text(R"({"mail": "ann@example.com", "ok": true, "n": null})"),
              R"({"mail":")" + mail + R"(","ok":true,"n":null})");
    EXPECT_EQ(tokens().text(R"({ann@example.com,NULL,"a b"})"), "{" + mail + ",NULL," + tokens().text("a b") + "}");
    EXPECT_EQ(tokens().text("{{1,2},{3,4}}"), "{{" + tokens().text("1") + "," + tokens().text("2") + "},{" +
                                                  tokens().text("3") + "," + tokens().text("4") + "}}");
    EXPECT_EQ(tokens().text("\"ann@example.com\""), "\"" + mail + "\"");
    constexpr std::uint32_t kTextArray = 1009;
    const Bytes array("\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1\0\0\0\1x\xff\xff\xff\xff", 29);
    const Bytes token = tokens().wire(kTextArray, 1, array);
    EXPECT_EQ(pgwire::display_value(kTextArray, 1, token), "{" + tokens().text("x") + ",NULL}");
}

TEST(RedactionTokens, NothingIsKnownOfABinaryType) {
    EXPECT_EQ(tokens().wire(99'999, 1, "ann@example.com"), tokens().text("ann@example.com"));
    EXPECT_EQ(tokens().wire(0, 1, binary(oid::int4, "4711")), binary(oid::int4, tokens().text("4711")));
    const Bytes odd("\0\1\2", 3);
    EXPECT_EQ(tokens().wire(99'999, 1, odd).size(), 3U);
    EXPECT_NE(tokens().wire(99'999, 1, odd), odd);
}

TEST(RedactionTokens, DependOnTheKeyAndOnNothingElse) {
    const RedactionTokens same(key(7));
    const RedactionTokens other(key(8));
    EXPECT_EQ(same.text("ann@example.com"), tokens().text("ann@example.com"));
    EXPECT_NE(other.text("ann@example.com"), tokens().text("ann@example.com"));
}

/// Any bytes give some token, the same each time, of a length that does not grow.
TEST(RedactionTokensProperty, RandomValues) {
    std::mt19937 random(3);
    const Bytes alphabet = "0123456789-.eE:+ TZ\\x{}[],\"@abcAB'\n\xff";
    constexpr std::array<std::uint32_t, 12> kTypes{0,           oid::text,  oid::int4,   oid::numeric,
                                                   oid::float8, oid::uuid,  oid::date,   oid::timestamptz,
                                                   oid::bytea,  oid::jsonb, oid::bpchar, 1009};
    for (int seed = 0; seed < 30'000; ++seed) {
        Bytes value;
        for (std::uint64_t i = random() % 40; i > 0; --i) value += alphabet[random() % alphabet.size()];
        const std::uint32_t type = kTypes[random() % kTypes.size()];
        const Bytes token = tokens().wire(type, static_cast<std::int16_t>(random() % 2), value);
        ASSERT_EQ(tokens().text(value), tokens().text(value));
        if (value.size() > 4 && type == 0 && value.find_first_of("abAB") != Bytes::npos) {
            ASSERT_NE(token, value);
        }
    }
}

}  // namespace
}  // namespace understudy
