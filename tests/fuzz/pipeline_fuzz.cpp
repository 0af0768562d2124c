// The input is a list of operations on one connection: pieces of either side's stream, gaps, and at last its
// end. Whatever comes, nothing crashes, every event fits a record, and no more is kept of the client than it
// sent.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "capture/pipeline.hpp"
#include "core/base/byte_reader.hpp"
#include "core/store/capture_codec.hpp"

namespace understudy::capture {
namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

/// Writes each event as a record.
class Writer : public EventSink {
public:
    void on_event(Event&& event) override {
        record_.clear();
        require(codec_.append(record_, event, Timestamp::from_ns(1'000'000'000)));
    }

private:
    store::CaptureCodec codec_;
    Bytes record_;
};

/// Checks that a connection opens and closes once, and adds up what the client asked.
class SessionChecker final : public Writer {
public:
    void on_event(Event&& event) override {
        if (const auto* request = std::get_if<Request>(&event)) frames += request->frames.size();
        if (std::holds_alternative<SessionOpened>(event)) require(++opened == 1);
        if (std::holds_alternative<SessionClosed>(event)) require(++closed == 1 && opened == 1);
        Writer::on_event(std::move(event));
    }
    std::uint64_t frames = 0;
    int opened = 0;
    int closed = 0;
};

const Digester& digester() {
    static const Digester digester(DigestKey(std::array<unsigned char, DigestKey::kSize>{1}));
    return digester;
}

void run_session(std::uint8_t choice, ByteReader& reader) {
    SessionChecker checker;
    DecodeContext context{digester(), static_cast<ResultsPolicy>(choice % 3), checker, {}, {}, {}};
    FlowOpened flow;
    flow.saw_syn = (choice & 0x80U) != 0;
    SessionDecoder decoder(SessionId(1), flow, context);
    Timestamp now = Timestamp::from_ns(1'000'000'000);
    std::uint64_t sent = 0;
    while (reader.ok() && !reader.at_end()) {
        const std::uint8_t operation = reader.u8();
        const Direction direction = (operation & 1U) != 0 ? Direction::to_client : Direction::to_server;
        now = now + Duration::milliseconds((operation & 2U) != 0 ? 6000 : 1);
        if ((operation & 0x1cU) == 0x1cU) {
            decoder.on_gap(direction, operation >> 5U, now);
            continue;
        }
        const std::size_t length = (operation & 4U) != 0 ? reader.u16() : reader.u8();
        const BytesView piece = reader.bytes(std::min(length, reader.remaining()));
        if (piece.empty()) continue;
        if (direction == Direction::to_server) sent += piece.size();
        decoder.on_data(direction, piece, now, (operation & 0x20U) != 0);
    }
    decoder.on_close(static_cast<CloseReason>(choice / 3 % kCloseReasons), now);
    require(checker.opened == checker.closed);
    require(checker.frames <= sent);
}

/// Packets of any link type, each with its length before it.
void run_packets(std::uint8_t choice, ByteReader& reader) {
    Writer writer;
    PipelineOptions options;
    options.flows.server_ports = {5432};
    options.flows.max_open_flows = 4;
    CapturePipeline pipeline(options, digester(), writer);
    Timestamp now = Timestamp::from_ns(1'000'000'000);
    const int link_type = (choice & 1U) != 0 ? 1 : 101;  // Ethernet, raw IP
    while (reader.ok() && !reader.at_end()) {
        const std::size_t length = reader.u8();
        const BytesView packet = reader.bytes(std::min(length, reader.remaining()));
        now = now + Duration::milliseconds(40);
        pipeline.on_packet(link_type, packet, static_cast<std::uint32_t>(packet.size()), now);
    }
    pipeline.finish(PcapStats{});
    require(pipeline.progress().open_sessions == 0);
}

}  // namespace
}  // namespace understudy::capture

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    ByteReader reader(BytesView(reinterpret_cast<const char*>(data), size));
    const std::uint8_t choice = reader.u8();
    if (!reader.ok()) return 0;
    if (choice % 8 == 7) {
        capture::run_packets(choice >> 4U, reader);
    } else {
        capture::run_session(choice, reader);
    }
    return 0;
}
