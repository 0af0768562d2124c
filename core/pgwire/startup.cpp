#include "core/pgwire/startup.hpp"

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace understudy::pgwire {
namespace {

constexpr std::uint32_t kCancelCode = 80877102;
constexpr std::uint32_t kSslCode = 80877103;
constexpr std::uint32_t kGssCode = 80877104;
constexpr std::size_t kMaxCancelKey = 256;

Error malformed(const char* what) { return make_error(Errc::malformed, what); }

Result<StartupPacket> decode_parameters(std::uint32_t version, ByteReader reader) {
    StartupMessage message{version, {}};
    while (true) {
        const BytesView name = reader.c_string();
        if (!reader.ok()) return malformed("start-up packet: a parameter does not end");
        if (name.empty()) break;
        const BytesView value = reader.c_string();
        if (!reader.ok()) return malformed("start-up packet: a parameter has no value");
        message.parameters.emplace_back(name, value);
    }
    if (!reader.at_end()) return malformed("start-up packet: bytes after its end");
    return StartupPacket(std::move(message));
}

}  // namespace

BytesView StartupMessage::get(BytesView name) const {
    for (const auto& [key, value] : parameters) {
        if (key == name) return value;
    }
    return {};
}

StartupStatus startup_packet_length(BytesView bytes, std::size_t& length) {
    if (bytes.size() < 8) return StartupStatus::need_more;
    ByteReader reader(bytes);
    length = reader.u32();
    const std::uint32_t code = reader.u32();
    if (length < 8 || length > kMaxStartupLength) return StartupStatus::not_postgresql;
    const bool request = code == kCancelCode || code == kSslCode || code == kGssCode;
    if (!request && (code >> 16U) != 3) return StartupStatus::not_postgresql;
    return bytes.size() < length ? StartupStatus::need_more : StartupStatus::complete;
}

Result<StartupPacket> decode_startup(BytesView packet) {
    ByteReader reader(packet);
    const std::uint32_t length = reader.u32();
    const std::uint32_t code = reader.u32();
    if (!reader.ok() || length != packet.size()) return malformed("start-up packet: wrong length");
    switch (code) {
        case kSslCode:
        case kGssCode:
            if (!reader.at_end()) return malformed("start-up packet: bytes after an encryption request");
            if (code == kSslCode) return StartupPacket(SslRequest{});
            return StartupPacket(GssEncRequest{});
        case kCancelCode: {
            CancelRequest cancel;
            cancel.process_id = reader.u32();
            cancel.secret_key = reader.rest();
            if (!reader.ok() || cancel.secret_key.size() < 4 || cancel.secret_key.size() > kMaxCancelKey) {
                return malformed("cancel request: wrong key length");
            }
            return StartupPacket(std::move(cancel));
        }
        default:
            if ((code >> 16U) != 3) return make_error(Errc::unsupported, "start-up packet: not protocol 3");
            return decode_parameters(code, reader);
    }
}

Bytes encode_startup(const StartupPacket& packet) {
    Bytes out;
    ByteWriter writer(out);
    writer.u32(0);
    if (const auto* message = std::get_if<StartupMessage>(&packet)) {
        writer.u32(message->version);
        for (const auto& [name, value] : message->parameters) {
            writer.c_string(name);
            writer.c_string(value);
        }
        writer.u8(0);
    } else if (const auto* cancel = std::get_if<CancelRequest>(&packet)) {
        writer.u32(kCancelCode);
        writer.u32(cancel->process_id);
        writer.bytes(cancel->secret_key);
    } else {
        writer.u32(std::holds_alternative<SslRequest>(packet) ? kSslCode : kGssCode);
    }
    writer.patch_u32(0, static_cast<std::uint32_t>(out.size()));
    return out;
}

}  // namespace understudy::pgwire
