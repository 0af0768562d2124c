#pragma once

#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/net/tls_context.hpp"

struct ssl_st;

namespace understudy::net {

/// One TLS connection as a function of bytes: ciphertext in and out of memory, no socket.
class TlsEngine {
public:
    enum class Status { ok, want_more, closed, failed };

    /// `host`: the server's name to send (SNI) and, when `verify_host`, to verify; empty for a server's side.
    TlsEngine(const TlsContext& context, const std::string& host, bool verify_host);

    /// Ciphertext from the peer.
    void feed(BytesView bytes);
    /// ok once the handshake is over. Look at output() after every call.
    Status handshake();
    /// Decrypts what was fed into `buffer`; `count` is how much came.
    Status read(char* buffer, std::size_t size, std::size_t& count);
    /// Encrypts; the ciphertext is in output().
    bool write(BytesView plain);
    /// Says close_notify.
    void shut_down();
    /// Ciphertext for the peer; take() says how much of it was sent.
    [[nodiscard]] BytesView output() const;
    void take(std::size_t count);
    /// "postgresql" was agreed on (ALPN).
    [[nodiscard]] bool alpn_agreed() const;
    [[nodiscard]] const std::string& failure() const { return failure_; }

    /// As a client, after the handshake: the hash of the server's certificate by which SCRAM binds to this connection
    /// (tls-server-end-point, RFC 5929 section 4.1). Empty for a certificate whose signature names no hash, such as
    /// Ed25519: for those the RFC leaves it undefined.
    [[nodiscard]] Bytes channel_binding_data() const;

    /// Whether the peer of `upstream` showed the certificate that `clients` got: then channel binding holds through
    /// a proxy.
    static bool same_certificate(const TlsEngine& clients, const TlsEngine& upstream);

private:
    Status status_of(int result);
    std::shared_ptr<ssl_st> ssl_;
    std::string failure_;
};

}  // namespace understudy::net
