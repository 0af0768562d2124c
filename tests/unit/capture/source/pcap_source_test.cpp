#include "capture/source/pcap_source.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "core/base/byte_writer.hpp"
#include "tests/support/packet_builder.hpp"
#include "tests/unit/capture/stream/recording_listener.hpp"

namespace understudy::capture {
namespace {

using testing::Conversation;
using testing::kLinkEthernet;
using testing::pcap_file;
using testing::TimedPacket;

struct Collector : PacketHandler {
    void on_packet(int link_type, BytesView packet, std::uint32_t original_length, Timestamp time) override {
        packets.push_back({time, Bytes(packet), original_length});
        link = link_type;
    }
    std::vector<TimedPacket> packets;
    int link = -1;
};

class PcapSourceTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = (std::filesystem::temp_directory_path() / "understudy_pcap_XXXXXX").string();
        ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string file(BytesView content) const {
        const std::string path = folder_ + "/file.pcap";
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    static Conversation example() {
        Conversation talk;
        talk.handshake();
        talk.client_sends("select 1");
        return talk;
    }

    std::string folder_;
};

Result<ReadStatus> read_all(PcapSource& source, PacketHandler& handler) {
    while (true) {
        auto status = source.read(handler, 3);
        if (!status || *status != ReadStatus::packets) return status;
    }
}

TEST_F(PcapSourceTest, ReadsNanosecondsAndMicroseconds) {
    auto packets = example().packets();
    packets[1].time = Timestamp::from_ns(1'700'000'000'123'456'789);
    packets[2].original_length = 9000;
    for (const bool microseconds : {false, true}) {
        auto source = PcapSource::open_file(file(pcap_file(kLinkEthernet, packets, microseconds)));
        ASSERT_TRUE(source) << source.error().message;
        Collector got;
        const auto status = read_all(*source, got);
        ASSERT_TRUE(status) << status.error().message;
        EXPECT_EQ(*status, ReadStatus::end);
        EXPECT_EQ(source->link_type(), kLinkEthernet);
        EXPECT_EQ(got.link, kLinkEthernet);
        ASSERT_EQ(got.packets.size(), packets.size());
        EXPECT_EQ(got.packets[3].bytes, packets[3].bytes);
        EXPECT_EQ(got.packets[2].original_length, 9000U);
        EXPECT_EQ(got.packets[1].time.ns(), microseconds ? 1'700'000'000'123'456'000 : 1'700'000'000'123'456'789);
        EXPECT_EQ(source->stats()->received, packets.size());
    }
}

TEST_F(PcapSourceTest, HandsOverNoMoreThanAsked) {
    auto source = PcapSource::open_file(file(pcap_file(kLinkEthernet, example().packets())));
    Collector got;
    ASSERT_TRUE(source->read(got, 3));
    EXPECT_EQ(got.packets.size(), 3U);
    EXPECT_EQ(*source->read(got, 3), ReadStatus::packets);
    EXPECT_EQ(got.packets.size(), 4U);
    EXPECT_EQ(*source->read(got, 3), ReadStatus::end);
}

TEST_F(PcapSourceTest, ReadsPcapng) {
    Bytes ng;
    ByteWriter out(ng);
    const Bytes packet = example().packets()[3].bytes;  // 94 bytes, two of padding
    ASSERT_EQ(packet.size() % 4, 2U);
    out.u32(0x0a0d0d0a), out.u32(28), out.u32(0x1a2b3c4d), out.u16(1), out.u16(0), out.u64(~0ULL), out.u32(28);
    out.u32(1), out.u32(32), out.u16(kLinkEthernet), out.u16(0), out.u32(0);
    out.u16(9), out.u16(1), out.u32(9U << 24U), out.u32(0);  // if_tsresol: nanoseconds; end of options
    out.u32(32);
    const auto size = static_cast<std::uint32_t>(packet.size());
    const std::uint64_t time = 1'700'000'000'123'456'789;
    out.u32(6), out.u32(size + 34), out.u32(0), out.u64(time), out.u32(size), out.u32(size);
    out.bytes(packet), out.u16(0), out.u32(size + 34);
    auto source = PcapSource::open_file(file(ng));
    ASSERT_TRUE(source) << source.error().message;
    Collector got;
    const auto status = read_all(*source, got);
    ASSERT_TRUE(status) << status.error().message;
    ASSERT_EQ(got.packets.size(), 1U);
    EXPECT_EQ(got.packets[0].bytes, packet);
    EXPECT_EQ(got.packets[0].time.ns(), 1'700'000'000'123'456'789);
}

TEST_F(PcapSourceTest, ACutFileGivesItsPacketsAndThenSaysSo) {
    const Bytes whole = pcap_file(kLinkEthernet, example().packets());
    auto source = PcapSource::open_file(file(whole.substr(0, whole.size() - 1)));
    Collector got;
    const auto status = read_all(*source, got);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Errc::end_of_file);
    EXPECT_NE(status.error().message.find("after 3 packets"), std::string::npos) << status.error().message;
    EXPECT_EQ(got.packets.size(), 3U);
}

TEST_F(PcapSourceTest, ImpossibleTimesAreUnknown) {
    Bytes bytes = pcap_file(kLinkEthernet, example().packets());
    bytes.replace(24 + 4, 4, "\x7f\xff\xff\xff");  // more nanoseconds than a second has
    auto source = PcapSource::open_file(file(bytes));
    Collector got;
    ASSERT_TRUE(source->read(got, 1));
    EXPECT_FALSE(got.packets.at(0).time.known());
}

TEST_F(PcapSourceTest, ErrorsOfOpeningSayWhatToDo) {
    const auto failure = [](const Result<PcapSource>& source) {
        EXPECT_FALSE(source);
        return source ? Error{} : source.error();
    };
    EXPECT_EQ(failure(PcapSource::open_file(folder_ + "/none")).code, Errc::io);
    EXPECT_EQ(failure(PcapSource::open_file(file(""))).code, Errc::end_of_file);
    EXPECT_EQ(failure(PcapSource::open_file(file("no capture at all, but long enough"))).code, Errc::malformed);
    const Error packed = failure(PcapSource::open_file(file("\x1f\x8b\x08 and so on")));
    EXPECT_EQ(packed.code, Errc::unsupported);
    EXPECT_NE(packed.message.find("gunzip"), std::string::npos);
}

TEST_F(PcapSourceTest, LiveErrorsNameTheInterface) {
    LiveOptions options;
    options.interface = "nonesuch0";
    const auto source = PcapSource::open_live(options);
    ASSERT_FALSE(source);
    EXPECT_NE(source.error().message.find("nonesuch0"), std::string::npos);
}

struct Real {
    const char* file;
    std::uint16_t port;
    std::size_t flows;
    std::size_t midway;
    std::uint64_t gap_bytes;
};

/// Captures that others published, when they lie beside the source tree: flows as an independent reader
/// counts them. One of them lacks 41 bytes of the client and 13 of the server that the other side acknowledges.
TEST(RealCaptures, GiveTheirStreams) {
    const std::filesystem::path folder = std::filesystem::path(UNDERSTUDY_SOURCE_DIR) / "../shared/pcaps";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
    const std::vector<Real> files{
        {"arkime-postgres-badpass.pcap", 5432, 1, 0, 0},
        {"credslayer-pgsql.pcap", 5432, 2, 0, 0},
        {"packetbeat-pgsql_long_result.pcap", 5432, 1, 1, 0},
        {"packetbeat-pgsql_rt.pcap", 5432, 2, 0, 0},
        {"pcapplusplus-postgres.pcapng", 5432, 1, 1, 41 + 13},
        {"suricata-pgsql-bug-5579.pcap", 5432, 1, 0, 0},
        {"suricata-pgsql-copy-data-out.pcap", 5432, 1, 0, 0},
        {"suricata-pgsql-upgrade-tls.pcap", 5432, 2, 0, 0},
        {"wireshark-notes-pgsql-ssl.pcapng", 5432, 1, 0, 0},
        {"zeek-psql-aws-ssl-disable-15432.pcap", 15432, 1, 0, 0},
        {"zeek-psql-create-insert-select-delete-drop.pcap", 5432, 1, 0, 0},
        {"zeek-psql-login-no-sslrequest.pcap", 5432, 2, 0, 0},
    };
    for (const Real& real : files) {
        SCOPED_TRACE(real.file);
        auto source = PcapSource::open_file((folder / real.file).string());
        ASSERT_TRUE(source) << source.error().message;
        RecordingListener seen;
        FlowTableOptions options;
        options.server_ports = {real.port};
        FlowTable table(options, seen);
        struct ToTable : PacketHandler {
            explicit ToTable(FlowTable& to) : table(&to) {}
            void on_packet(int link, BytesView packet, std::uint32_t length, Timestamp time) override {
                table->on_packet(link, packet, length, time);
            }
            FlowTable* table;
        } to_table(table);
        const auto status = read_all(*source, to_table);
        ASSERT_TRUE(status) << status.error().message;
        table.finish(Timestamp::from_ns(1));
        EXPECT_EQ(table.counters().flows_opened, real.flows);
        EXPECT_EQ(table.counters().flows_joined_midway, real.midway);
        EXPECT_EQ(table.counters().gap_bytes, real.gap_bytes);
        EXPECT_GT(table.counters().bytes_delivered, 0U);
    }
}

}  // namespace
}  // namespace understudy::capture
