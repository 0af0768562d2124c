#include "schema/check/predict/text_input.hpp"

#include <gtest/gtest.h>

namespace understudy::schema {
namespace {

using enum TextInput::Outcome;

TEST(TextInput, ByWhatOneTypeWritesAndTheOtherReads) {
    EXPECT_EQ(text_input("uuid", "uuid").outcome, same);
    EXPECT_EQ(text_input("integer", "numeric").outcome, same);
    EXPECT_EQ(text_input("integer", "text").outcome, differs);
    EXPECT_EQ(text_input("date", "timestamp with time zone").outcome, differs);
    EXPECT_EQ(text_input("numeric", "integer").outcome, unsure) << "1.50";
    EXPECT_EQ(text_input("integer", "date").outcome, unsure) << "20240101 is one";
    EXPECT_EQ(text_input("integer", "boolean").outcome, unsure) << "1 is one";
    EXPECT_EQ(text_input("boolean", "jsonb").outcome, refused) << "t";
    EXPECT_EQ(text_input("timestamp with time zone", "bigint").outcome, refused);
    EXPECT_STREQ(text_input("uuid", "date").sqlstate, "22007");
    EXPECT_EQ(text_input("numeric", "uuid").outcome, unsure) << "one of 32 digits";
    EXPECT_EQ(text_input("shop.state", "shop.phase").outcome, unsure);
}

TEST(TextInput, InBinaryTheLengthCounts) {
    EXPECT_EQ(binary_input("integer", "bigint").outcome, refused);
    EXPECT_EQ(binary_input("text", "character varying").outcome, same);
    EXPECT_EQ(binary_input("numeric", "text").outcome, unsure);
}

}  // namespace
}  // namespace understudy::schema
