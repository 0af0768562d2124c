#pragma once

#include <memory>
#include <string>

#include "capture/proxy/proxy_options.hpp"
#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

struct ssl_st;
struct ssl_ctx_st;
struct x509_st;

namespace understudy::capture {

/// Settings, certificates and keys of one side, read once. TLS 1.2 or later, no tickets, no renegotiation.
class TlsContext {
public:
    /// The proxy as a server. Errors: Errc::usage with OpenSSL's words.
    static Result<TlsContext> for_clients(const ClientTls& options);
    /// The proxy as a client of the server.
    static Result<TlsContext> for_upstream(const UpstreamTls& options);

    [[nodiscard]] ssl_ctx_st* get() const { return context_.get(); }
    [[nodiscard]] bool server() const { return server_; }

private:
    TlsContext(ssl_ctx_st* context, bool server);
    std::shared_ptr<ssl_ctx_st> context_;
    bool server_;
};

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

    /// Whether the peer of `upstream` showed the certificate that `clients` got: then channel binding holds through
    /// the proxy.
    static bool same_certificate(const TlsEngine& clients, const TlsEngine& upstream);

private:
    Status status_of(int result);
    std::shared_ptr<ssl_st> ssl_;
    std::string failure_;
};

}  // namespace understudy::capture
