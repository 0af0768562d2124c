// Any bytes as a log: parsers and assembler end without a fault, whatever the pieces, and what comes out are whole
// frames in each session's own order. The first byte chooses format and size of pieces.

#include <cstdint>
#include <unordered_map>
#include <variant>

#include "capture/log/csvlog_parser.hpp"
#include "capture/log/jsonlog_parser.hpp"
#include "capture/log/log_assembler.hpp"
#include "capture/log/log_format.hpp"
#include "capture/log/prefix_guess.hpp"
#include "capture/log/stderr_parser.hpp"
#include "core/pgwire/frontend_messages.hpp"

namespace {

using namespace understudy;
using namespace understudy::capture;

class CheckingSink final : public EventSink {
public:
    void on_event(Event&& event) override {
        if (const auto* request = std::get_if<Request>(&event)) {
            UNDERSTUDY_ASSERT(request->ordinal.value() == next_[request->session]++);
            pgwire::FrameReader reader;
            reader.begin(request->frames);
            pgwire::FrameView frame;
            std::size_t bytes = 0;
            while (reader.next(frame) == pgwire::FrameStatus::complete) bytes += frame.body.size() + 5;
            UNDERSTUDY_ASSERT(bytes == request->frames.size());
            reader.end();
            ++requests_;
        }
        if (const auto* response = std::get_if<Response>(&event)) {
            UNDERSTUDY_ASSERT(response->ordinal.value() < next_[response->session]);
            UNDERSTUDY_ASSERT(!response->results.empty());
            ++responses_;
        }
    }
    void check() const { UNDERSTUDY_ASSERT(requests_ == responses_); }

private:
    std::unordered_map<SessionId, std::uint32_t> next_;
    std::size_t requests_ = 0;
    std::size_t responses_ = 0;
};

class Assembling final : public LogEntryHandler {
public:
    explicit Assembling(LogAssembler& assembler) : assembler_(assembler) {}
    void on_entry(const LogEntry& entry) override { assembler_.on_entry(entry); }
    void on_skipped(BytesView, std::uint64_t) override {}

private:
    LogAssembler& assembler_;
};

void run(LogParser& parser, BytesView text, std::size_t piece) {
    for (std::size_t at = 0; at < text.size(); at += piece) parser.feed(text.substr(at, piece));
    parser.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t piece = data[0] / 4 + 1U;
    const Digester digester{DigestKey(std::array<unsigned char, DigestKey::kSize>{})};
    CheckingSink sink;
    LogAssembler assembler({}, digester, sink);
    Assembling handler(assembler);
    LogClock clock;
    (void)log_format_of(text);
    switch (data[0] % 4) {
        case 0: {
            CsvlogParser parser(clock, handler);
            run(parser, text, piece);
            break;
        }
        case 1: {
            JsonlogParser parser(clock, handler);
            run(parser, text, piece);
            break;
        }
        default: {
            auto prefix = LinePrefix::compile("%m [%p] %q%u@%d %i ");
            if (data[0] % 4 == 3) {
                if (auto guess = guess_line_prefix(text)) prefix = std::move(guess->prefix);
            }
            StderrParser parser(*prefix, clock, handler);
            run(parser, text, piece);
        }
    }
    assembler.finish();
    sink.check();
    return 0;
}
