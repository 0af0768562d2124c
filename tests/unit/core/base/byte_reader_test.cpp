#include "core/base/byte_reader.hpp"

#include <gtest/gtest.h>

#include "core/base/byte_writer.hpp"

namespace understudy {
namespace {

TEST(ByteReader, reads_back_what_a_writer_wrote) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u8(0xfe);
    writer.u16(0x1234);
    writer.u32(0xdeadbeef);
    writer.u64(0x0123456789abcdef);
    writer.i16(-2);
    writer.i32(-3);
    writer.c_string("name");
    writer.bytes("rest");
    ByteReader reader(bytes);
    EXPECT_EQ(reader.u8(), 0xfe);
    EXPECT_EQ(reader.u16(), 0x1234);
    EXPECT_EQ(reader.u32(), 0xdeadbeef);
    EXPECT_EQ(reader.u64(), 0x0123456789abcdefU);
    EXPECT_EQ(reader.i16(), -2);
    EXPECT_EQ(reader.i32(), -3);
    EXPECT_EQ(reader.c_string(), "name");
    EXPECT_EQ(reader.remaining(), 4U);
    EXPECT_EQ(reader.rest(), "rest");
    EXPECT_TRUE(reader.ok());
    EXPECT_TRUE(reader.at_end());
}

TEST(ByteReader, is_big_endian) { EXPECT_EQ(ByteReader(BytesView("\x00\x00\x01\x02", 4)).u32(), 0x102U); }

TEST(ByteReader, stays_failed_after_the_first_read_past_the_end) {
    ByteReader reader(BytesView("\x01\x02\x03", 3));
    EXPECT_EQ(reader.u32(), 0U);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.u8(), 0);  // though a byte is there
    EXPECT_EQ(reader.bytes(1), "");
    EXPECT_EQ(reader.c_string(), "");
    EXPECT_EQ(reader.rest(), "");
    EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, accepts_bytes_up_to_the_end_and_no_further) {
    ByteReader at_limit("abc");
    EXPECT_EQ(at_limit.bytes(3), "abc");
    EXPECT_TRUE(at_limit.ok());
    ByteReader beyond("abc");
    EXPECT_EQ(beyond.bytes(4), "");
    EXPECT_FALSE(beyond.ok());
    ByteReader huge("abc");
    huge.bytes(static_cast<std::size_t>(-1));
    EXPECT_FALSE(huge.ok());
}

TEST(ByteReader, a_string_without_its_zero_fails) {
    ByteReader reader(BytesView("ab\0cd", 5));
    EXPECT_EQ(reader.c_string(), "ab");
    EXPECT_EQ(reader.position(), 3U);
    EXPECT_EQ(reader.c_string(), "");
    EXPECT_FALSE(reader.ok());
}

TEST(ByteWriter, patches_a_length_written_before) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u8('x');
    writer.u32(0);
    writer.u8('y');
    writer.patch_u32(1, 0x01020304);
    EXPECT_EQ(bytes, "x\x01\x02\x03\x04y");
}

}  // namespace
}  // namespace understudy
