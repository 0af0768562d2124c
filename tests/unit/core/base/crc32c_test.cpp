#include "core/base/crc32c.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(Crc32c, knows_the_vectors_of_rfc_3720) {
    Bytes ascending;
    Bytes descending;
    for (int i = 0; i < 32; ++i) {
        ascending.push_back(static_cast<char>(i));
        descending.push_back(static_cast<char>(31 - i));
    }
    EXPECT_EQ(crc32c(Bytes(32, '\0')), 0x8a9136aaU);
    EXPECT_EQ(crc32c(Bytes(32, '\xff')), 0x62a8ab43U);
    EXPECT_EQ(crc32c(ascending), 0x46dd794eU);
    EXPECT_EQ(crc32c(descending), 0x113fdb5cU);
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
    EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, goes_on_with_the_next_piece_wherever_the_bytes_are_cut) {
    Bytes bytes;
    for (int i = 0; i < 100; ++i) bytes.push_back(static_cast<char>(i * 37));
    const std::uint32_t whole = crc32c(bytes);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        const BytesView view(bytes);
        EXPECT_EQ(crc32c(view.substr(cut), crc32c(view.substr(0, cut))), whole) << "cut at " << cut;
    }
}

TEST(Crc32c, notices_every_single_flipped_bit) {
    const Bytes bytes = "a chunk of a capture file";
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Bytes damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_NE(crc32c(damaged), crc32c(bytes)) << "bit " << bit;
    }
}

}  // namespace
}  // namespace understudy
