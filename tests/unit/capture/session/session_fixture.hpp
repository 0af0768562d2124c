#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "capture/session/session_decoder.hpp"
#include "core/base/byte_writer.hpp"
#include "core/store/capture_codec.hpp"
#include "tests/support/dialogue.hpp"
#include "tests/support/frames.hpp"
#include "tests/support/packet_builder.hpp"

namespace understudy::capture {

namespace be = testing::be;
namespace fe = testing::fe;

/// Start-up packets and the messages of the login, as bytes.
namespace wire {

inline Bytes frame(char tag, BytesView body) {
    Bytes bytes;
    ByteWriter out(bytes);
    out.u8(static_cast<std::uint8_t>(tag));
    out.u32(static_cast<std::uint32_t>(body.size() + 4));
    out.bytes(body);
    return bytes;
}
inline Bytes startup(std::vector<std::pair<Bytes, Bytes>> parameters = {{"user", "ann"}, {"database", "shop"}}) {
    return pgwire::encode_startup(pgwire::StartupMessage{196'608, std::move(parameters)});
}
inline Bytes ssl_request() { return pgwire::encode_startup(pgwire::SslRequest{}); }
inline Bytes gss_request() { return pgwire::encode_startup(pgwire::GssEncRequest{}); }
inline Bytes cancel(std::uint32_t process_id, BytesView key) {
    return pgwire::encode_startup(pgwire::CancelRequest{process_id, Bytes(key)});
}
inline Bytes authentication(std::uint32_t code, BytesView more = {}) {
    Bytes body;
    ByteWriter out(body);
    out.u32(code);
    out.bytes(more);
    return frame('R', body);
}
inline Bytes key_data(std::uint32_t process_id, BytesView key) {
    Bytes body;
    ByteWriter out(body);
    out.u32(process_id);
    out.bytes(key);
    return frame('K', body);
}
inline Bytes password(BytesView text) { return frame('p', Bytes(text) + Bytes(1, '\0')); }
inline Bytes logged_in(std::uint32_t process_id = 77, BytesView key = "KEY!") {
    return authentication(0) + be::parameter("server_version", "15.4") + key_data(process_id, key) + be::ready();
}

}  // namespace wire

/// Decodes connections by hand: client() and server() are pieces of the streams.
class Decoding {
public:
    explicit Decoding(bool saw_syn = true, ResultsPolicy policy = ResultsPolicy::digest)
        : context{testing::test_digester(), policy, list, {}, {}, {}} {
        connect(saw_syn);
    }
    /// A further connection; what follows is of it.
    void connect(bool saw_syn = true) {
        FlowOpened flow;
        flow.client = testing::endpoint("10.0.0.2", 40'000);
        flow.server = testing::endpoint("10.0.0.1", 5432);
        flow.time = tick();
        flow.saw_syn = saw_syn;
        decoder.emplace(SessionId(++sessions), flow, context);
    }
    Decoding& client(BytesView bytes) {
        decoder->on_data(Direction::to_server, bytes, tick(), caught_up);
        return *this;
    }
    Decoding& server(BytesView bytes) {
        decoder->on_data(Direction::to_client, bytes, tick(), caught_up);
        return *this;
    }
    Decoding& client_gap(std::uint64_t bytes = 9) {
        decoder->on_gap(Direction::to_server, bytes, tick());
        return *this;
    }
    Decoding& server_gap(std::uint64_t bytes = 9) {
        decoder->on_gap(Direction::to_client, bytes, tick());
        return *this;
    }
    Decoding& close(CloseReason reason = CloseReason::fin) {
        decoder->on_close(reason, tick());
        return *this;
    }
    Decoding& log_in() { return client(wire::startup()).server(wire::logged_in()); }

    template <class Kind>
    [[nodiscard]] std::vector<Kind> all() const {
        std::vector<Kind> found;
        for (const Event& event : list.events) {
            if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
        }
        return found;
    }
    /// Of the only (or last) SessionClosed.
    [[nodiscard]] std::string end() const {
        const auto closed = all<SessionClosed>();
        return closed.empty() ? "none" : std::string(to_string(closed.back().end));
    }
    /// Requests, Responses and Gaps, one a line.
    [[nodiscard]] std::string text() const {
        std::string text;
        for (const Event& event : list.events) {
            if (const std::string one = testing::text_of(event); one != "other") text += one + "\n";
        }
        return text;
    }
    /// Everything that would be written, as the records' bytes.
    [[nodiscard]] Bytes written() const {
        store::CaptureCodec codec;
        Bytes bytes;
        for (const Event& event : list.events) EXPECT_TRUE(codec.append(bytes, event, testing::at_ms(0)));
        return bytes;
    }
    [[nodiscard]] std::uint64_t count(const std::string& name) const {
        const auto found = context.counters.find(name);
        return found == context.counters.end() ? 0 : found->second;
    }

    bool caught_up = true;  ///< each side has received what the other sent before it sends
    testing::EventList list;
    DecodeContext context;
    std::optional<SessionDecoder> decoder;
    std::uint64_t sessions = 0;

private:
    Timestamp tick() { return testing::at_ms(++now_); }
    std::int64_t now_ = 0;
};

}  // namespace understudy::capture
