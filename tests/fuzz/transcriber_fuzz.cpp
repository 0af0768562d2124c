// Whole conversations on a Transcriber. The input is a row of pieces: a byte that says whose (its lowest bit:
// the server's; its next: a gap instead; the fourth: the session is at rest before it), two bytes of length, and the
// frames.

#include <algorithm>
#include <cstdint>

#include "core/base/byte_reader.hpp"
#include "core/exchange/transcriber.hpp"
#include "core/store/capture_codec.hpp"

namespace {

using namespace understudy;

/// Every event must survive the file, and a session's frames come out as they went in.
class Checker final : public EventSink {
public:
    void on_event(Event&& event) override {
        if (const auto* request = std::get_if<Request>(&event)) frames += request->frames;
        Bytes record;
        UNDERSTUDY_ASSERT(codec_.append(record, event, Timestamp::from_ns(1)));
        std::size_t prefix = 1;
        while ((static_cast<unsigned char>(record[prefix - 1]) & 0x80U) != 0) ++prefix;
        const auto decoded = codec_.decode(BytesView(record).substr(prefix), Timestamp::from_ns(1));
        UNDERSTUDY_ASSERT(decoded && *decoded == event);
    }
    Bytes frames;

private:
    store::CaptureCodec codec_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    static const Digester digester(DigestKey({1, 2, 3}));
    ByteReader reader(BytesView(reinterpret_cast<const char*>(data), size));
    const std::uint8_t options = reader.u8();
    Checker checker;
    MessageCounts counts;
    Transcriber transcriber(SessionId(1), digester, static_cast<ResultsPolicy>(options % 3), (options & 4U) != 0,
                            counts, checker);
    if ((options & 8U) != 0) transcriber.join(Timestamp::from_ns(1'700'000'000'000'000'000));
    pgwire::FrameReader sides[2];
    Bytes sent;
    std::int64_t now = 1'700'000'000'000'000'000;
    while (reader.ok() && !reader.at_end()) {
        const std::uint8_t whose = reader.u8();
        const std::size_t length = reader.u16();
        const BytesView piece = reader.bytes(std::min(length, reader.remaining()));
        const Timestamp time = Timestamp::from_ns(now += (whose & 4U) != 0 ? 6'000'000'000 : 1000);
        const bool from_server = (whose & 1U) != 0;
        pgwire::FrameReader& side = sides[from_server ? 1 : 0];
        if ((whose & 2U) != 0) {
            side.reset();
            transcriber.gap(!from_server, length, time);
            continue;
        }
        if (!from_server && (whose & 8U) != 0) transcriber.at_rest();
        side.begin(piece);
        pgwire::FrameView frame;
        while (side.next(frame) == pgwire::FrameStatus::complete) {
            if (from_server) {
                transcriber.backend(frame, time);
            } else if (transcriber.frontend(frame, time) && frame.tag != 'X') {
                sent += frame.whole;
            }
        }
        side.end();
        if (from_server) transcriber.end_of_server_data();
        if (!from_server) transcriber.end_of_client_data();
    }
    transcriber.finish(Timestamp::from_ns(now + 1));
    UNDERSTUDY_ASSERT(checker.frames == sent);
    return 0;
}
