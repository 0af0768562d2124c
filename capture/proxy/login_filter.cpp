#include "capture/proxy/login_filter.hpp"

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::capture {
namespace {

using pgwire::BackendTag;

constexpr std::uint32_t kSasl = 10;  // AuthenticationSASL
constexpr BytesView kPlus = "SCRAM-SHA-256-PLUS";

/// The message without the mechanism; the message itself when it does not list it beside another one.
Bytes without_plus(BytesView frame) {
    ByteReader reader(frame.substr(9));
    Bytes mechanisms;
    bool found = false;
    while (true) {
        const BytesView name = reader.c_string();
        if (!reader.ok()) return Bytes(frame);
        if (name.empty()) break;
        if (name == kPlus) {
            found = true;
        } else {
            mechanisms.append(name).push_back('\0');
        }
    }
    if (!found || mechanisms.empty()) return Bytes(frame);
    Bytes out;
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(BackendTag::authentication));
    writer.u32(static_cast<std::uint32_t>(4 + 4 + mechanisms.size() + 1));
    writer.u32(kSasl);
    writer.bytes(mechanisms);
    writer.u8(0);
    return out;
}

}  // namespace

LoginFilter::Verdict LoginFilter::on_server_bytes(BytesView bytes, Bytes& out) {
    held_.append(bytes);
    while (held_.size() >= 5) {
        const auto tag = static_cast<BackendTag>(held_[0]);
        const std::size_t size = ByteReader(BytesView(held_).substr(1)).u32() + std::size_t{1};
        const bool first = tag == BackendTag::authentication || tag == BackendTag::error_response;
        const bool before = tag == BackendTag::notice_response || tag == BackendTag::negotiate_protocol_version;
        if (size < 5 || size > kMaxHeld || (!first && !before)) break;  // nothing that this filter knows: let it pass
        if (held_.size() < size) return Verdict::undecided;
        const BytesView frame = BytesView(held_).substr(0, size);
        const bool sasl = tag == BackendTag::authentication && size > 9 && ByteReader(frame.substr(5)).u32() == kSasl;
        const Bytes passed = sasl && remove_binding_ ? without_plus(frame) : Bytes(frame);
        removed_ = removed_ || passed.size() != size;
        out += passed;
        held_.erase(0, size);
        if (!first) continue;
        out += held_;
        held_.clear();
        return tag == BackendTag::error_response ? Verdict::refused : Verdict::passed;
    }
    if (held_.size() < 5) return Verdict::undecided;
    out += held_;
    held_.clear();
    return Verdict::passed;
}

bool declines_binding_unoffered(BytesView message) {
    ByteReader reader(message);
    if (reader.u8() != 'p') return false;
    (void)reader.u32();
    const BytesView mechanism = reader.c_string();
    (void)reader.u32();
    return reader.ok() && mechanism == "SCRAM-SHA-256" && reader.rest().starts_with("y,");
}

Bytes fatal_error(BytesView sqlstate, BytesView message) {
    return pgwire::encode_backend(pgwire::ErrorResponse{
        {{'S', "FATAL"}, {'V', "FATAL"}, {'C', Bytes(sqlstate)}, {'M', Bytes(message)}, {'R', "understudy_proxy"}}});
}

}  // namespace understudy::capture
