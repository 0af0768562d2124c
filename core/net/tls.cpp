#include "core/net/tls.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace understudy::net {
namespace {

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

}  // namespace

TlsEngine::TlsEngine(const TlsContext& context, const std::string& host, bool verify_host)
    : ssl_(SSL_new(context.get()), SSL_free) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (context.server()) {
        SSL_set_accept_state(ssl_.get());
        return;
    }
    SSL_set_connect_state(ssl_.get());
    const bool address = is_address(host);
    if (!address && !host.empty() && context.sni()) {  // SSL_set_tlsext_host_name, whose macro has an old-style cast
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
    failure_ = take_openssl_error();
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

Bytes TlsEngine::channel_binding_data() const {
    X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    int digest = NID_undef;
    if (certificate == nullptr || X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1) {
        return {};
    }
    // The RFC has SHA-256 stand in for what is weaker.
    const bool weak = digest == NID_md5 || digest == NID_sha1;
    const EVP_MD* algorithm = weak ? EVP_sha256() : EVP_get_digestbynid(digest);
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    if (algorithm == nullptr || X509_digest(certificate, algorithm, hash.data(), &size) != 1) return {};
    return Bytes(reinterpret_cast<const char*>(hash.data()), size);
}

bool TlsEngine::same_certificate(const TlsEngine& clients, const TlsEngine& upstream) {
    const X509* own = SSL_get_certificate(clients.ssl_.get());
    const X509* peer = SSL_get0_peer_certificate(upstream.ssl_.get());
    return own != nullptr && peer != nullptr && X509_cmp(own, peer) == 0;
}

}  // namespace understudy::net
