#include "capture/proxy/prelude.hpp"

#include "core/pgwire/startup.hpp"

namespace understudy::capture {
namespace {

constexpr char kTlsHandshake = 0x16;                 // RFC 8446 section 5.1
constexpr std::size_t kEncryptionRequestLength = 8;  // SSLRequest and GSSENCRequest
constexpr std::size_t kMinCancelLength = 16;

}  // namespace

PreludeStep Prelude::next() {
    if (buffer_.empty()) return PreludeStep::need_more;
    if (buffer_[0] == kTlsHandshake && !encrypted_ && !tls_asked_ && !gss_asked_) {
        encrypted_ = tls_offered_;
        return tls_offered_ ? PreludeStep::direct_tls : PreludeStep::reject;
    }
    switch (pgwire::startup_packet_length(buffer_, packet_length_)) {
        case pgwire::StartupStatus::need_more: return PreludeStep::need_more;
        case pgwire::StartupStatus::not_postgresql: return PreludeStep::reject;
        case pgwire::StartupStatus::complete: break;
    }
    const BytesView code = BytesView(buffer_).substr(4, 4);
    static const Bytes ssl = pgwire::encode_startup(pgwire::SslRequest{});
    static const Bytes gss = pgwire::encode_startup(pgwire::GssEncRequest{});
    static const Bytes cancel = pgwire::encode_startup(pgwire::CancelRequest{0, Bytes(4, '\0')});
    if (code == BytesView(ssl).substr(4)) return on_encryption_request(true);
    if (code == BytesView(gss).substr(4)) return on_encryption_request(false);
    if (code != BytesView(cancel).substr(4, 4)) return PreludeStep::startup;
    return packet_length_ < kMinCancelLength ? PreludeStep::reject : PreludeStep::cancel;
}

PreludeStep Prelude::on_encryption_request(bool tls) {
    bool& asked = tls ? tls_asked_ : gss_asked_;
    if (packet_length_ != kEncryptionRequestLength || asked || encrypted_) return PreludeStep::reject;
    asked = true;
    const bool accepted = tls && tls_offered_;
    // Plain bytes before the encryption would be read as if they had been inside it (CVE-2021-23214).
    if (accepted && buffer_.size() > packet_length_) return PreludeStep::reject;
    buffer_.erase(0, packet_length_);
    encrypted_ = accepted;
    return accepted ? PreludeStep::begin_tls : PreludeStep::refuse_encryption;
}

}  // namespace understudy::capture
