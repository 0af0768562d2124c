#include "capture/proxy/tls.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace understudy::capture {
namespace {

constexpr std::array<unsigned char, 11> kAlpn{10, 'p', 'o', 's', 't', 'g', 'r', 'e', 's', 'q', 'l'};

std::string openssl_error() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "the connection broke";
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

/// As a server: "postgresql", or the connection ends, when the client offers protocols (PostgreSQL's be-secure).
int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length,
                void*) {
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_length, kAlpn.data(), kAlpn.size(), in, in_length);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<void> load_identity(SSL_CTX* context, const std::string& certificate, const std::string& key) {
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
        return make_error(Errc::usage, fmt::format("certificate {}: {}", certificate, openssl_error()));
    }
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        return make_error(Errc::usage, fmt::format("private key {}: {}", key, openssl_error()));
    }
    return {};
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

}  // namespace

TlsContext::TlsContext(ssl_ctx_st* context, bool server) : context_(context, SSL_CTX_free), server_(server) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

Result<TlsContext> TlsContext::for_clients(const ClientTls& options) {
    TlsContext context(SSL_CTX_new(TLS_server_method()), true);
    UNDERSTUDY_CHECK(load_identity(context.get(), options.certificate, options.key));
    SSL_CTX_set_alpn_select_cb(context.get(), choose_alpn, nullptr);
    return context;
}

Result<TlsContext> TlsContext::for_upstream(const UpstreamTls& options) {
    TlsContext context(SSL_CTX_new(TLS_client_method()), false);
    SSL_CTX_set_alpn_protos(context.get(), kAlpn.data(), kAlpn.size());
    if (!options.certificate.empty()) {
        UNDERSTUDY_CHECK(load_identity(context.get(), options.certificate, options.key));
    }
    const bool verify = options.mode == SslMode::verify_ca || options.mode == SslMode::verify_full;
    if (options.root_certificate.empty()) {
        if (!verify) return context;
        return make_error(Errc::usage, "verify-ca and verify-full need a root certificate: a file, or 'system'");
    }
    const bool system_roots = options.root_certificate == "system";
    if (system_roots && options.mode != SslMode::verify_full) {
        return make_error(Errc::usage, "the system's roots say nothing without the host's name: use verify-full");
    }
    const int loaded = system_roots ? SSL_CTX_set_default_verify_paths(context.get())
                                    : SSL_CTX_load_verify_file(context.get(), options.root_certificate.c_str());
    if (loaded != 1) {
        return make_error(Errc::usage,
                          fmt::format("root certificate {}: {}", options.root_certificate, openssl_error()));
    }
    if (verify || options.mode == SslMode::require) SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    return context;
}

TlsEngine::TlsEngine(const TlsContext& context, const std::string& host, bool verify_host)
    : ssl_(SSL_new(context.get()), SSL_free) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (context.server()) {
        SSL_set_accept_state(ssl_.get());
        return;
    }
    SSL_set_connect_state(ssl_.get());
    const bool address = is_address(host);
    if (!address) {  // SSL_set_tlsext_host_name, whose macro has an old-style cast
        SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
    }
    if (!verify_host) return;
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const int set = address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                            : X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
    UNDERSTUDY_ASSERT(set == 1);
}

void TlsEngine::feed(BytesView bytes) {
    if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
}

TlsEngine::Status TlsEngine::status_of(int result) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Status::want_more;
    if (error == SSL_ERROR_ZERO_RETURN) return Status::closed;
    const long verified = SSL_get_verify_result(ssl_.get());
    failure_ = openssl_error();
    if (verified != X509_V_OK) failure_ = X509_verify_cert_error_string(verified);
    return Status::failed;
}

TlsEngine::Status TlsEngine::handshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    return result == 1 ? Status::ok : status_of(result);
}

TlsEngine::Status TlsEngine::read(char* buffer, std::size_t size, std::size_t& count) {
    ERR_clear_error();
    count = 0;
    const int result = SSL_read_ex(ssl_.get(), buffer, size, &count);
    return result == 1 ? Status::ok : status_of(result);
}

bool TlsEngine::write(BytesView plain) {
    if (plain.empty()) return true;
    ERR_clear_error();
    std::size_t written = 0;  // always all of it: memory takes everything
    const int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
    return result == 1 || status_of(result) == Status::ok;
}

void TlsEngine::shut_down() {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

BytesView TlsEngine::output() const {
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data);
    return size > 0 ? BytesView(data, static_cast<std::size_t>(size)) : BytesView();
}

void TlsEngine::take(std::size_t count) {
    std::array<char, 16384> discarded{};
    while (count > 0) {
        const int wanted = static_cast<int>(std::min(count, discarded.size()));
        const int got = BIO_read(SSL_get_wbio(ssl_.get()), discarded.data(), wanted);
        if (got <= 0) return;
        count -= static_cast<std::size_t>(got);
    }
}

bool TlsEngine::alpn_agreed() const {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    return length > 0;
}

bool TlsEngine::same_certificate(const TlsEngine& clients, const TlsEngine& upstream) {
    const X509* own = SSL_get_certificate(clients.ssl_.get());
    const X509* peer = SSL_get0_peer_certificate(upstream.ssl_.get());
    return own != nullptr && peer != nullptr && X509_cmp(own, peer) == 0;
}

}  // namespace understudy::capture
