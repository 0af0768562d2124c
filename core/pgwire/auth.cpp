#include "core/pgwire/auth.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

namespace understudy::pgwire {
namespace {

constexpr std::size_t kKeyLength = 32;  // SHA-256
constexpr std::uint32_t kMaxIterations = 10'000'000;
constexpr std::size_t kMaxSaslMessage = 64 * 1024;

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

const unsigned char* as_octets(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Bytes to_bytes(const Digest& digest, unsigned size) {
    return Bytes(reinterpret_cast<const char*>(digest.data()), size);
}

/// Empty when OpenSSL has no such digest.
Bytes hash(const EVP_MD* algorithm, BytesView data) {
    Digest digest{};
    unsigned size = 0;
    if (EVP_Digest(data.data(), data.size(), digest.data(), &size, algorithm, nullptr) != 1) return {};
    return to_bytes(digest, size);
}

Bytes hmac_sha256(BytesView key, BytesView data) {
    Digest digest{};
    unsigned size = 0;
    const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_octets(data), data.size(),
                            digest.data(), &size);
    UNDERSTUDY_ASSERT(made != nullptr && size == kKeyLength);
    return to_bytes(digest, size);
}

Bytes hex(BytesView bytes) {
    constexpr BytesView kDigits = "0123456789abcdef";
    Bytes out;
    for (const char c : bytes) {
        out.push_back(kDigits[static_cast<unsigned char>(c) >> 4U]);
        out.push_back(kDigits[static_cast<unsigned char>(c) & 15U]);
    }
    return out;
}

Bytes base64_encode(BytesView bytes) {
    Bytes out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and the zero that EVP_EncodeBlock writes
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    const int size = EVP_EncodeBlock(to, as_octets(bytes), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

/// False for what is not padded base64; EVP_DecodeBlock alone would pass over blanks.
bool base64_decode(BytesView text, Bytes& out) {
    constexpr BytesView kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t digits = text.find_last_not_of('=') + 1;
    const std::size_t padding = text.size() - digits;
    if (text.size() % 4 != 0 || padding > 2) return false;
    if (text.substr(0, digits).find_first_not_of(kAlphabet) != BytesView::npos) return false;
    out.assign(text.size() / 4 * 3, '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    if (EVP_DecodeBlock(to, as_octets(text), static_cast<int>(text.size())) < 0) return false;
    out.resize(out.size() - padding);
    return true;
}

/// Takes "x=value" and its comma, if any, from the front of `message`.
bool take_attribute(BytesView& message, char name, BytesView& value) {
    if (message.size() < 2 || message[0] != name || message[1] != '=') return false;
    const std::size_t comma = message.find(',');
    value = message.substr(2, comma == BytesView::npos ? BytesView::npos : comma - 2);
    message.remove_prefix(comma == BytesView::npos ? message.size() : comma + 1);
    return true;
}

struct ServerFirst {
    BytesView nonce;
    Bytes salt;
    std::uint32_t iterations = 0;
};

Result<ServerFirst> parse_server_first(BytesView message) {
    ServerFirst first;
    BytesView salt;
    BytesView iterations;
    const bool parsed = message.size() <= kMaxSaslMessage && take_attribute(message, 'r', first.nonce) &&
                        take_attribute(message, 's', salt) && take_attribute(message, 'i', iterations) &&
                        base64_decode(salt, first.salt);
    const char* const end = iterations.data() + iterations.size();
    if (!parsed || first.salt.empty() || iterations.empty()) {
        return make_error(Errc::malformed, "SCRAM: the server's first message does not parse");
    }
    const auto [at, error] = std::from_chars(iterations.data(), end, first.iterations);
    if (at != end) return make_error(Errc::malformed, "SCRAM: the iteration count is not a number");
    if (error != std::errc() || first.iterations < 1 || first.iterations > kMaxIterations) {
        return make_error(Errc::auth, "SCRAM: the server asks for an iteration count outside 1 to 10,000,000");
    }
    return first;
}

}  // namespace

Bytes md5_password(BytesView user, BytesView password, BytesView salt) {
    const Bytes inner = hash(EVP_md5(), Bytes(password).append(user));
    if (inner.empty()) return {};
    return "md5" + hex(hash(EVP_md5(), hex(inner).append(salt)));
}

ScramKeys scram_keys(BytesView password, BytesView salt, std::uint32_t iterations, BytesView auth_message) {
    UNDERSTUDY_ASSERT(iterations >= 1 && iterations <= kMaxIterations);
    std::array<unsigned char, kKeyLength> salted{};
    const int made = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), as_octets(salt),
                                       static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                                       static_cast<int>(salted.size()), salted.data());
    UNDERSTUDY_ASSERT(made == 1);
    const BytesView salted_password(reinterpret_cast<const char*>(salted.data()), salted.size());
    ScramKeys keys;
    keys.client_proof = hmac_sha256(salted_password, "Client Key");
    const Bytes signature = hmac_sha256(hash(EVP_sha256(), keys.client_proof), auth_message);
    for (std::size_t i = 0; i < kKeyLength; ++i) {
        keys.client_proof[i] = static_cast<char>(keys.client_proof[i] ^ signature[i]);
    }
    keys.server_signature = hmac_sha256(hmac_sha256(salted_password, "Server Key"), auth_message);
    OPENSSL_cleanse(salted.data(), salted.size());
    return keys;
}

ScramClient::ScramClient(Bytes password, Bytes nonce, Bytes channel_binding_data, bool tls_without_binding)
    : password_(std::move(password)),
      nonce_(std::move(nonce)),
      channel_binding_data_(std::move(channel_binding_data)),
      tls_without_binding_(tls_without_binding) {}

Bytes ScramClient::gs2_header() const {
    if (!channel_binding_data_.empty()) return "p=tls-server-end-point,,";
    return tls_without_binding_ ? "y,," : "n,,";
}

Bytes ScramClient::client_first() const { return gs2_header() + "n=,r=" + nonce_; }

Result<Bytes> ScramClient::client_final(BytesView server_first) {
    UNDERSTUDY_TRY(const ServerFirst first, parse_server_first(server_first));
    if (first.nonce.size() <= nonce_.size() || first.nonce.substr(0, nonce_.size()) != nonce_) {
        return make_error(Errc::auth, "SCRAM: the server's nonce does not continue ours");
    }
    Bytes without_proof = "c=" + base64_encode(gs2_header() + channel_binding_data_) + ",r=";
    without_proof.append(first.nonce);
    Bytes auth_message = "n=,r=" + nonce_ + ",";
    auth_message.append(server_first).append(",").append(without_proof);
    ScramKeys keys = scram_keys(password_, first.salt, first.iterations, auth_message);
    server_signature_ = std::move(keys.server_signature);
    return without_proof + ",p=" + base64_encode(keys.client_proof);
}

Result<void> ScramClient::verify(BytesView server_final) const {
    BytesView value;
    if (take_attribute(server_final, 'e', value)) {
        return make_error(Errc::auth, "SCRAM: the server refuses: " + Bytes(value.substr(0, 100)));
    }
    Bytes signature;
    const bool parsed = server_final.size() <= kMaxSaslMessage && take_attribute(server_final, 'v', value) &&
                        base64_decode(value, signature);
    const bool proven = parsed && signature.size() == kKeyLength && server_signature_.size() == kKeyLength &&
                        CRYPTO_memcmp(signature.data(), server_signature_.data(), kKeyLength) == 0;
    if (!proven) return make_error(Errc::auth, "SCRAM: the server does not prove that it knows the password");
    return {};
}

}  // namespace understudy::pgwire
