#include "core/pgwire/startup.hpp"

#include <gtest/gtest.h>

#include "core/base/byte_writer.hpp"

namespace understudy::pgwire {
namespace {

Bytes header(std::uint32_t length, std::uint32_t code) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u32(length);
    writer.u32(code);
    return bytes;
}

void expect_round_trip(const StartupPacket& packet) {
    const Bytes bytes = encode_startup(packet);
    std::size_t length = 0;
    EXPECT_EQ(startup_packet_length(bytes, length), StartupStatus::complete);
    EXPECT_EQ(length, bytes.size());
    const auto decoded = decode_startup(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, packet);
}

Errc error_of(BytesView packet) {
    const auto decoded = decode_startup(packet);
    EXPECT_FALSE(decoded);
    return decoded ? Errc::io : decoded.error().code;
}

TEST(Startup, every_kind_of_packet_survives_a_round_trip) {
    expect_round_trip(SslRequest{});
    expect_round_trip(GssEncRequest{});
    expect_round_trip(CancelRequest{42, "abcd"});
    expect_round_trip(CancelRequest{42, Bytes(256, 'k')});
    expect_round_trip(StartupMessage{});
    expect_round_trip(StartupMessage{kProtocol32, {{"user", "alice"}, {"database", ""}, {"_pq_.x", "1"}}});
}

TEST(Startup, is_written_as_the_documentation_says) {
    EXPECT_EQ(encode_startup(SslRequest{}), header(8, 80877103));
    EXPECT_EQ(encode_startup(StartupMessage{kProtocol30, {{"user", "al"}}}),
              header(17, kProtocol30) + Bytes("user\0al\0\0", 9));
}

TEST(Startup, finds_parameters_by_name) {
    const StartupMessage message{kProtocol30, {{"user", "alice"}, {"user", "second"}}};
    EXPECT_EQ(message.get("user"), "alice");
    EXPECT_EQ(message.get("database"), "");
}

TEST(Startup, waits_for_the_whole_packet) {
    const Bytes bytes = encode_startup(StartupMessage{kProtocol30, {{"user", "alice"}}});
    std::size_t length = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(startup_packet_length(BytesView(bytes).substr(0, size), length), StartupStatus::need_more) << size;
    }
    EXPECT_EQ(startup_packet_length(bytes + "more", length), StartupStatus::complete);
    EXPECT_EQ(length, bytes.size());
}

TEST(Startup, refuses_what_is_not_postgresql) {
    std::size_t length = 0;
    EXPECT_EQ(startup_packet_length("GET / HTTP/1.1\r\n", length), StartupStatus::not_postgresql);
    EXPECT_EQ(startup_packet_length(header(7, kProtocol30), length), StartupStatus::not_postgresql);
    EXPECT_EQ(startup_packet_length(header(8, 0x00020000), length), StartupStatus::not_postgresql);
    EXPECT_EQ(startup_packet_length(header(kMaxStartupLength, kProtocol30), length), StartupStatus::need_more);
    EXPECT_EQ(startup_packet_length(header(kMaxStartupLength + 1, kProtocol30), length), StartupStatus::not_postgresql);
}

TEST(Startup, refuses_bodies_that_do_not_fit) {
    EXPECT_EQ(error_of(""), Errc::malformed);
    EXPECT_EQ(error_of(header(9, 80877103)), Errc::malformed);
    EXPECT_EQ(error_of(header(9, 80877103) + "x"), Errc::malformed);
    EXPECT_EQ(error_of(header(15, 80877102) + Bytes(7, 'k')), Errc::malformed);
    EXPECT_EQ(error_of(header(12 + 257, 80877102) + Bytes(4 + 257, 'k')), Errc::malformed);
    EXPECT_EQ(error_of(header(8, kProtocol30)), Errc::malformed);                        // no final zero
    EXPECT_EQ(error_of(header(13, kProtocol30) + Bytes("user\0", 5)), Errc::malformed);  // no value
    EXPECT_EQ(error_of(header(10, kProtocol30) + Bytes("\0x", 2)), Errc::malformed);     // after the end
    EXPECT_EQ(error_of(header(9, 0x00020000) + Bytes(1, '\0')), Errc::unsupported);
}

}  // namespace
}  // namespace understudy::pgwire
