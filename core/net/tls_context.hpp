#pragma once

#include <memory>
#include <string>

#include "core/base/error.hpp"
#include "core/net/ssl_mode.hpp"

struct ssl_ctx_st;

namespace understudy::net {

/// TLS as a server: PEM files.
struct TlsServerOptions {
    std::string certificate;  ///< with the chain after it
    std::string key;
};

/// TLS towards a server, as libpq has it (PostgreSQL docs, "SSL Support"); files that are named have to be there.
struct TlsClientOptions {
    SslMode mode = SslMode::prefer;
    std::string root_certificate;  ///< PEM file; "system": the system's roots. The verify modes need one of them;
                                   ///< with a file, `require` verifies as verify_ca does, as in libpq.
    std::string certificate;       ///< of the client, with its key; optional
    std::string key;               ///< PEM or DER
    std::string key_password;      ///< of an encrypted key
    std::string crl;               ///< revoked certificates, PEM file
    std::string crl_directory;
    std::string min_version = "TLSv1.2";  ///< "TLSv1" … "TLSv1.3"
    std::string max_version;              ///< empty: the latest
    bool sni = true;                      ///< tell the server's name in plain
    bool check_key_mode = false;          ///< refuse a key that others can read, as libpq does
};

/// Settings, certificates and keys of one side, read once. No tickets, no renegotiation.
class TlsContext {
public:
    /// As a server; TLS 1.2 or later. Errors: Errc::usage with OpenSSL's words.
    static Result<TlsContext> for_clients(const TlsServerOptions& options);
    /// As a client of a server. Errors: the same.
    static Result<TlsContext> for_server(const TlsClientOptions& options);

    [[nodiscard]] ssl_ctx_st* get() const { return context_.get(); }
    [[nodiscard]] bool server() const { return server_; }
    [[nodiscard]] bool sni() const { return sni_; }

private:
    TlsContext(ssl_ctx_st* context, bool server);
    std::shared_ptr<ssl_ctx_st> context_;
    bool server_;
    bool sni_ = true;
};

/// The first error in OpenSSL's queue of this thread, which is emptied.
std::string take_openssl_error();

}  // namespace understudy::net
