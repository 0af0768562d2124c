#include "core/store/sealing.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace understudy::store {
namespace {

constexpr BytesView kPublicPrefix = "understudy-public-key-1 ";
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kNonce + kTag == ChunkCipher::kOverhead);
static_assert(PublicKey::kSize == crypto_box_PUBLICKEYBYTES && SecretKey::kSize == crypto_box_SECRETKEYBYTES);
static_assert(ChunkCipher::kKeySize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

using Key = std::array<unsigned char, 32>;

void require_sodium() {
    static const bool ready = sodium_init() >= 0;
    UNDERSTUDY_ASSERT(ready);
}

const unsigned char* bytes_of(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* bytes_of(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string to_hex(const Key& key) {
    std::string hex(2 * key.size() + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), key.data(), key.size());
    hex.pop_back();
    return hex;
}

bool from_text(BytesView text, BytesView prefix, Key& key) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    std::size_t length = 0;
    return sodium_hex2bin(key.data(), key.size(), text.data(), text.size(), nullptr, &length, nullptr) == 0 &&
           length == key.size() && text.size() == 2 * key.size();
}

/// A key on which no secret can be agreed (all zero and its like) is none.
bool usable(const Key& key) {
    Key shared{};
    const Key any{1};
    return crypto_scalarmult(shared.data(), any.data(), key.data()) == 0;
}

Result<std::string> first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!file || !std::getline(file, line)) {
        return make_error(Errc::io, fmt::format("cannot read the key {}: {}", path,
                                                errno != 0 ? std::strerror(errno) : "it is empty"));
    }
    return line;
}

}  // namespace

Result<PublicKey> PublicKey::load(const std::string& path_or_key) {
    require_sodium();
    Key key{};
    if (from_text(path_or_key, kPublicPrefix, key) && usable(key)) return PublicKey(key);
    UNDERSTUDY_TRY(const std::string line, first_line(path_or_key));
    if (from_text(line, kPublicPrefix, key) && usable(key)) return PublicKey(key);
    const bool secret = line.starts_with(SecretKey::kFilePrefix);
    return make_error(
        Errc::malformed,
        fmt::format("{} is {}; `understudy keygen` makes both", path_or_key,
                    secret ? "a secret key, which must not be on a host that captures: give the public one"
                           : "not a public key"));
}

Result<PublicKey> PublicKey::from_bytes(BytesView bytes) {
    if (bytes.size() != kSize) return make_error(Errc::malformed, "a public key of a wrong length");
    Key key{};
    std::memcpy(key.data(), bytes.data(), kSize);
    if (!usable(key)) return make_error(Errc::malformed, "a public key that encrypts nothing");
    return PublicKey(key);
}

std::string PublicKey::text() const { return std::string(kPublicPrefix) + to_hex(bytes_); }

Bytes PublicKey::seal(BytesView secret) const {
    require_sodium();
    Bytes sealed(secret.size() + crypto_box_SEALBYTES, '\0');
    UNDERSTUDY_ASSERT(crypto_box_seal(bytes_of(sealed), bytes_of(secret), secret.size(), bytes_.data()) == 0);
    return sealed;
}

SecretKey SecretKey::generate() {
    require_sodium();
    SecretKey key;
    Key unused{};
    crypto_box_keypair(unused.data(), key.bytes_.data());
    return key;
}

SecretKey::~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

Result<SecretKey> SecretKey::load(const std::string& path) {
    require_sodium();
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 077U) != 0) {
        return make_error(Errc::refused, fmt::format("the secret key {} can be read by others; chmod 600 it", path));
    }
    UNDERSTUDY_TRY(const std::string line, first_line(path));
    SecretKey key;
    if (!from_text(line, kFilePrefix, key.bytes_)) {
        return make_error(Errc::malformed, fmt::format("{} is not a secret key of `understudy keygen`", path));
    }
    return key;
}

Result<void> SecretKey::save(const std::string& path) const {
    const std::string content = std::string(kFilePrefix) + to_hex(bytes_) + "\n";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return make_error(Errc::io, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    const bool written = ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size());
    if (::close(fd) != 0 || !written) {
        ::unlink(path.c_str());
        return make_error(Errc::io, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    }
    return {};
}

PublicKey SecretKey::public_key() const {
    Key key{};
    crypto_scalarmult_base(key.data(), bytes_.data());
    return PublicKey(key);
}

std::optional<Bytes> SecretKey::unseal(BytesView sealed) const {
    if (sealed.size() < crypto_box_SEALBYTES) return std::nullopt;
    Bytes secret(sealed.size() - crypto_box_SEALBYTES, '\0');
    Key own{};
    crypto_scalarmult_base(own.data(), bytes_.data());
    if (crypto_box_seal_open(bytes_of(secret), bytes_of(sealed), sealed.size(), own.data(), bytes_.data()) != 0) {
        return std::nullopt;
    }
    return secret;
}

ChunkCipher ChunkCipher::generate() {
    require_sodium();
    ChunkCipher cipher;
    crypto_aead_xchacha20poly1305_ietf_keygen(cipher.key_.data());
    return cipher;
}

Result<ChunkCipher> ChunkCipher::from_bytes(BytesView key) {
    require_sodium();
    if (key.size() != kKeySize) return make_error(Errc::malformed, "the file's key has a wrong length");
    ChunkCipher cipher;
    std::memcpy(cipher.key_.data(), key.data(), kKeySize);
    return cipher;
}

ChunkCipher::~ChunkCipher() { sodium_memzero(key_.data(), key_.size()); }

void ChunkCipher::encrypt(BytesView plain, BytesView associated, Bytes& out) const {
    out.resize(plain.size() + kOverhead);
    unsigned char* nonce = bytes_of(out);
    randombytes_buf(nonce, kNonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonce, nullptr, bytes_of(plain), plain.size(),
                                               bytes_of(associated), associated.size(), nullptr, nonce, key_.data());
}

bool ChunkCipher::decrypt(BytesView encrypted, BytesView associated, Bytes& out) const {
    if (encrypted.size() < kOverhead) return false;
    out.resize(encrypted.size() - kOverhead);
    const unsigned char* nonce = bytes_of(encrypted);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(out), nullptr, nullptr, nonce + kNonce,
                                                      encrypted.size() - kNonce, bytes_of(associated),
                                                      associated.size(), nonce, key_.data()) == 0;
}

const SecretKey* KeyRing::find(BytesView recipient) const {
    for (const SecretKey& key : keys_) {
        if (key.public_key().bytes() == recipient) return &key;
    }
    return nullptr;
}

}  // namespace understudy::store
