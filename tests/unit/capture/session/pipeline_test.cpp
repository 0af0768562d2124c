#include "capture/pipeline.hpp"

#include <gmock/gmock.h>

#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {
namespace {

using testing::Conversation;
using testing::endpoint;
using ::testing::SizeIs;

class CapturePipelineTest : public ::testing::Test {
protected:
    CapturePipelineTest() : pipeline(options(), testing::test_digester(), list) {}

    static PipelineOptions options() {
        PipelineOptions options;
        options.flows.server_ports = {5432};
        return options;
    }
    void play(const Conversation& talk) {
        for (const testing::TimedPacket& packet : talk.packets()) {
            pipeline.on_packet(testing::kLinkEthernet, packet.bytes, static_cast<std::uint32_t>(packet.bytes.size()),
                               packet.time);
        }
    }
    std::uint64_t value(const std::string& name) {
        const Counters counters = std::get<Counters>(list.events.back());
        const auto found = counters.values.find(name);
        return found == counters.values.end() ? 0 : found->second;
    }
    template <class Kind>
    std::vector<Kind> all() const {
        std::vector<Kind> found;
        for (const Event& event : list.events) {
            if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
        }
        return found;
    }
    static void session(Conversation& talk) {
        talk.handshake();
        talk.client_sends(wire::startup());
        talk.server_sends(wire::logged_in());
        talk.client_sends(fe::query("select 1"));
        talk.server_sends(be::complete("SELECT 1") + be::ready());
        talk.client_sends(fe::terminate());
        talk.close();
    }

    testing::EventList list;
    CapturePipeline pipeline;
};

TEST_F(CapturePipelineTest, PacketsBecomeEvents) {
    Conversation talk;
    session(talk);
    play(talk);
    EXPECT_EQ(pipeline.progress().open_sessions, 0U);
    EXPECT_EQ(pipeline.progress().postgresql_sessions, 1U);
    pipeline.finish(PcapStats{});
    ASSERT_THAT(all<Request>(), SizeIs(1));
    EXPECT_EQ(all<Request>()[0].frames, fe::query("select 1"));
    ASSERT_THAT(all<Response>(), SizeIs(1));
    EXPECT_EQ(all<Response>()[0].results.at(0).command_tag, "SELECT 1");
    EXPECT_EQ(all<SessionClosed>()[0].end, SessionEnd::terminate);
    EXPECT_EQ(value("packets.total"), talk.packets().size());
    EXPECT_EQ(value("packets.tcp"), talk.packets().size());
    EXPECT_EQ(value("messages.frontend.Query"), 1U);
    EXPECT_EQ(value("messages.frontend.StartupMessage"), 1U);
    EXPECT_EQ(value("messages.backend.ReadyForQuery"), 2U) << "that of the login too";
    EXPECT_EQ(value("flows.closed_fin"), 1U);
}

TEST_F(CapturePipelineTest, KernelDropsAndUnreadablePacketsAreLosses) {
    pipeline.on_packet(testing::kLinkEthernet, "short", 5, testing::at_ms(1));
    pipeline.on_packet(999, "unknown link", 12, testing::at_ms(1));
    PcapStats stats;
    stats.dropped_by_kernel = 7;
    stats.dropped_by_interface = 3;
    pipeline.finish(stats);
    EXPECT_EQ(value("loss.kernel_drops"), 7U);
    EXPECT_EQ(value("loss.interface_drops"), 3U);
    EXPECT_EQ(value("loss.truncated_packets") + value("loss.malformed_packets"), 1U);
    EXPECT_EQ(value("loss.unsupported_link_packets"), 1U);
}

TEST_F(CapturePipelineTest, SessionsOfTheSameEndsAreKeptApart) {
    Conversation first;
    session(first);
    play(first);
    Conversation second(endpoint("10.0.0.2", 40'000), endpoint("10.0.0.1", 5432), 900'000, 800'000);
    second.at(Timestamp::from_ns(1'700'000'100'000'000'000));
    session(second);
    play(second);
    Conversation other(endpoint("2001:db8::2", 40'000), endpoint("2001:db8::1", 5432));
    session(other);
    play(other);
    pipeline.finish(PcapStats{});
    const auto opened = all<SessionOpened>();
    ASSERT_THAT(opened, SizeIs(3));
    EXPECT_NE(opened[0].session, opened[1].session);
    EXPECT_EQ(opened[2].identity.client, "[2001:db8::2]:40000");
    EXPECT_THAT(all<Response>(), SizeIs(3));
}

TEST_F(CapturePipelineTest, ClientsAreIdentifiedByAddressAndPort) {
    SessionIdentity known;
    known.user = "bob";
    pipeline.identify(endpoint("10.0.0.2", 40'000), known);
    known.user = "carol";
    pipeline.identify(endpoint("10.0.0.2", 40'001), known);
    Conversation joined;
    joined.client_sends(fe::query("select 1"));
    joined.server_sends(be::complete("SELECT 1") + be::ready());
    play(joined);
    Conversation other(endpoint("10.0.0.2", 40'002));
    other.client_sends(fe::query("select 1"));
    play(other);
    known.user = "dora";
    pipeline.identify(endpoint("10.0.0.2", 40'002), known);
    const auto states = all<SessionState>();
    ASSERT_THAT(states, SizeIs(3));
    EXPECT_EQ(states[0].identity.user, "bob");
    EXPECT_EQ(states[1].identity.user, "");
    EXPECT_EQ(states[2].identity.user, "dora");
    EXPECT_EQ(states[2].session, states[1].session);
    Conversation again;
    again.at(Timestamp::from_ns(1'700'000'100'000'000'000));
    session(again);
    play(again);
    EXPECT_EQ(all<SessionState>().back().identity.user, "ann") << "a new connection of the same ports is another";
}

TEST_F(CapturePipelineTest, TheSamePacketsGiveTheSameEvents) {
    Conversation talk;
    session(talk);
    play(talk);
    testing::EventList again;
    CapturePipeline second(options(), testing::test_digester(), again);
    for (const testing::TimedPacket& packet : talk.packets()) {
        second.on_packet(testing::kLinkEthernet, packet.bytes, static_cast<std::uint32_t>(packet.bytes.size()),
                         packet.time);
    }
    EXPECT_THAT(list.events, SizeIs(5));
    EXPECT_EQ(list.events, again.events);
}

TEST_F(CapturePipelineTest, EncryptedConnectionsAreNoPostgresqlSessionsYet) {
    Conversation talk;
    talk.handshake();
    talk.client_sends(wire::ssl_request());
    talk.server_sends("S");
    talk.client_sends(Bytes("\x16\x03\x01\0\x01\0", 6));
    talk.close();
    play(talk);
    EXPECT_EQ(pipeline.progress().sessions, 1U);
    EXPECT_EQ(pipeline.progress().postgresql_sessions, 0U) << "nothing of it can be replayed";
    pipeline.finish(PcapStats{});
    EXPECT_EQ(value("sessions.encrypted"), 1U);
}

}  // namespace
}  // namespace understudy::capture
