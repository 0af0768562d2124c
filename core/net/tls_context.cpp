#include "core/net/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace understudy::net {
namespace {

constexpr std::array<unsigned char, 11> kAlpn{10, 'p', 'o', 's', 't', 'g', 'r', 'e', 's', 'q', 'l'};

Error unusable(const char* what, const std::string& file) {
    return make_error(Errc::usage, fmt::format("{} {}: {}", what, file, take_openssl_error()));
}

/// As a server: "postgresql", or the connection ends, when the client offers protocols (PostgreSQL's be-secure).
int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length,
                void*) {
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_length, kAlpn.data(), kAlpn.size(), in, in_length);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Without it OpenSSL would ask on the terminal.
int give_password(char* buffer, int size, int, void* password) {
    const auto* text = static_cast<const std::string*>(password);
    const std::size_t count = std::min(text->size(), static_cast<std::size_t>(size));
    std::memcpy(buffer, text->data(), count);
    return static_cast<int>(count);
}

Result<void> load_identity(SSL_CTX* context, const std::string& certificate, const std::string& key,
                           const std::string& password) {
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
        return unusable("certificate", certificate);
    }
    std::string given = password;
    SSL_CTX_set_default_passwd_cb(context, give_password);
    SSL_CTX_set_default_passwd_cb_userdata(context, &given);
    bool loaded = SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
    const std::string reason = loaded ? "" : take_openssl_error();
    loaded = loaded || SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_ASN1) == 1;
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(context, nullptr);
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    if (!loaded) return make_error(Errc::usage, fmt::format("private key {}: {}", key, reason));
    if (SSL_CTX_check_private_key(context) != 1) return unusable("private key", key);
    return {};
}

/// As libpq: u=rw, or u=rw,g=r for a key of root's that its readers do not own.
Result<void> check_key_mode(const std::string& key) {
    struct stat file {};
    if (stat(key.c_str(), &file) != 0) return {};  // loading it tells why
    const mode_t forbidden = file.st_uid == 0 && geteuid() != 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
    if ((file.st_mode & forbidden) == 0) return {};
    return make_error(Errc::usage, fmt::format("private key {} can be read by others: chmod 600 it", key));
}

Result<int> parse_version(const char* setting, const std::string& text) {
    constexpr std::array<std::pair<const char*, int>, 5> kVersions{{{"", 0},
                                                                    {"TLSv1", TLS1_VERSION},
                                                                    {"TLSv1.1", TLS1_1_VERSION},
                                                                    {"TLSv1.2", TLS1_2_VERSION},
                                                                    {"TLSv1.3", TLS1_3_VERSION}}};
    for (const auto& [name, version] : kVersions) {
        if (text == name) return version;
    }
    return make_error(Errc::usage, fmt::format("{}={}: TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3 is expected", setting, text));
}

Result<void> set_versions(SSL_CTX* context, const TlsClientOptions& options) {
    UNDERSTUDY_TRY(const int lowest, parse_version("ssl_min_protocol_version", options.min_version));
    UNDERSTUDY_TRY(const int highest, parse_version("ssl_max_protocol_version", options.max_version));
    if (highest != 0 && highest < lowest) {
        return make_error(Errc::usage, "ssl_max_protocol_version is below ssl_min_protocol_version");
    }
    if (SSL_CTX_set_min_proto_version(context, lowest) != 1 || SSL_CTX_set_max_proto_version(context, highest) != 1) {
        return make_error(Errc::usage, "TLS versions: " + take_openssl_error());
    }
    return {};
}

Result<void> load_revocations(SSL_CTX* context, const TlsClientOptions& options) {
    if (options.crl.empty() && options.crl_directory.empty()) return {};
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    const char* file = options.crl.empty() ? nullptr : options.crl.c_str();
    const char* directory = options.crl_directory.empty() ? nullptr : options.crl_directory.c_str();
    if (X509_STORE_load_locations(store, file, directory) != 1) {
        return unusable("certificate revocation list", options.crl + options.crl_directory);
    }
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return {};
}

}  // namespace

std::string take_openssl_error() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "the connection broke";
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

TlsContext::TlsContext(ssl_ctx_st* context, bool server) : context_(context, SSL_CTX_free), server_(server) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

Result<TlsContext> TlsContext::for_clients(const TlsServerOptions& options) {
    TlsContext context(SSL_CTX_new(TLS_server_method()), true);
    UNDERSTUDY_CHECK(load_identity(context.get(), options.certificate, options.key, {}));
    SSL_CTX_set_alpn_select_cb(context.get(), choose_alpn, nullptr);
    return context;
}

Result<TlsContext> TlsContext::for_server(const TlsClientOptions& options) {
    TlsContext context(SSL_CTX_new(TLS_client_method()), false);
    context.sni_ = options.sni;
    SSL_CTX_set_alpn_protos(context.get(), kAlpn.data(), kAlpn.size());
    UNDERSTUDY_CHECK(set_versions(context.get(), options));
    if (!options.certificate.empty()) {
        if (options.check_key_mode) UNDERSTUDY_CHECK(check_key_mode(options.key));
        UNDERSTUDY_CHECK(load_identity(context.get(), options.certificate, options.key, options.key_password));
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
    if (loaded != 1) return unusable("root certificate", options.root_certificate);
    UNDERSTUDY_CHECK(load_revocations(context.get(), options));
    if (demands_tls(options.mode)) SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    return context;
}

}  // namespace understudy::net
