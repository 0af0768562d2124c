#pragma once

#include <utility>

#include "core/base/bytes.hpp"

namespace understudy::capture {

/// What a client's first bytes ask the proxy to do.
enum class PreludeStep {
    need_more,
    refuse_encryption,  ///< answer 'N': a GSSENCRequest, or an SSLRequest where no certificate is configured
    begin_tls,          ///< answer 'S' and be a TLS server
    direct_tls,         ///< the bytes are a TLS ClientHello already (PostgreSQL 17, sslnegotiation=direct)
    startup,            ///< a StartupMessage for the server
    cancel,             ///< a CancelRequest for the server
    reject,             ///< not PostgreSQL, or bytes where none may be: close
};

/// A client's connection up to its StartupMessage or CancelRequest, as the server's ProcessStartupPacket reads it
/// (PostgreSQL docs, "SSL Session Encryption" and "GSSAPI Session Encryption"). Pure; drive it with append() and, until
/// it says need_more, next().
class Prelude {
public:
    explicit Prelude(bool tls_offered) : tls_offered_(tls_offered) {}

    void append(BytesView bytes) { buffer_.append(bytes); }
    /// After begin_tls and direct_tls, what is appended has to be decrypted.
    PreludeStep next();
    /// After startup and cancel: the packet, with whatever the client sent after it. After direct_tls: the bytes so
    /// far, which are for the TLS engine.
    Bytes take() { return std::exchange(buffer_, {}); }
    [[nodiscard]] bool encrypted() const { return encrypted_; }
    /// Length of the packet in what take() gives.
    [[nodiscard]] std::size_t packet_length() const { return packet_length_; }

private:
    PreludeStep on_encryption_request(bool tls);

    bool tls_offered_;
    bool encrypted_ = false;
    bool tls_asked_ = false;
    bool gss_asked_ = false;
    std::size_t packet_length_ = 0;
    Bytes buffer_;
};

}  // namespace understudy::capture
