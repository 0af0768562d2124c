#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::store {

// Encryption of capture files: the host that captures can write and cannot read. Each file has a random key; its chunks
// are encrypted with it (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha) and the key itself is sealed for one public key
// (X25519, libsodium's crypto_box_seal), so that only the holder of the secret key can read the file.

/// Whom a capture is encrypted to.
class PublicKey {
public:
    static constexpr std::size_t kSize = 32;

    explicit PublicKey(const std::array<unsigned char, kSize>& bytes) : bytes_(bytes) {}
    /// A file made by `understudy keygen`, or the key itself as that file has it. Errors: Errc::io, Errc::malformed.
    static Result<PublicKey> load(const std::string& path_or_key);
    static Result<PublicKey> from_bytes(BytesView bytes);

    [[nodiscard]] Bytes bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), kSize}; }
    /// As `load` takes it: "understudy-public-key-1 " and 64 hexadecimal digits.
    [[nodiscard]] std::string text() const;
    /// Bytes that only the secret key opens.
    [[nodiscard]] Bytes seal(BytesView secret) const;
    friend bool operator==(const PublicKey&, const PublicKey&) = default;

private:
    std::array<unsigned char, kSize> bytes_{};
};

/// Opens what was sealed for its public key. The bytes are wiped when it goes.
class SecretKey {
public:
    static constexpr std::size_t kSize = 32;
    static constexpr BytesView kFilePrefix = "understudy-secret-key-1 ";

    static SecretKey generate();
    /// Errors: Errc::io, Errc::malformed, Errc::refused for a file that others can read.
    static Result<SecretKey> load(const std::string& path);
    /// Writes a file with mode 0600; an existing one is not overwritten (Errc::io).
    Result<void> save(const std::string& path) const;
    [[nodiscard]] PublicKey public_key() const;
    /// Nothing when it was sealed for another key, or was changed.
    [[nodiscard]] std::optional<Bytes> unseal(BytesView sealed) const;

    SecretKey(const SecretKey&) = default;
    SecretKey& operator=(const SecretKey&) = default;
    ~SecretKey();

private:
    SecretKey() = default;
    std::array<unsigned char, kSize> bytes_{};
};

/// Encrypts and decrypts the chunks of one file. Immutable: may be shared between threads.
class ChunkCipher {
public:
    static constexpr std::size_t kKeySize = 32;
    static constexpr std::size_t kOverhead = 24 + 16;  ///< nonce and tag

    static ChunkCipher generate();
    static Result<ChunkCipher> from_bytes(BytesView key);
    ~ChunkCipher();
    ChunkCipher(const ChunkCipher&) = default;
    ChunkCipher& operator=(const ChunkCipher&) = default;

    [[nodiscard]] Bytes key() const { return {reinterpret_cast<const char*>(key_.data()), kKeySize}; }
    /// Replaces `out` by a random nonce, the encrypted `plain` and a tag that also covers `associated`.
    void encrypt(BytesView plain, BytesView associated, Bytes& out) const;
    /// False when the bytes or `associated` are not what was encrypted with this key.
    [[nodiscard]] bool decrypt(BytesView encrypted, BytesView associated, Bytes& out) const;

private:
    ChunkCipher() = default;
    std::array<unsigned char, kKeySize> key_{};
};

/// What the header of an encrypted file says of its keys.
struct SealedKeys {
    Bytes recipient;          ///< the public key's bytes
    Bytes sealed_key;         ///< of the ChunkCipher
    Bytes sealed_digest_key;  ///< of the digests; empty when it lies beside the capture
};

/// For whom a file is encrypted as it is written. `digest_key` goes into its header, sealed.
struct EncryptTo {
    PublicKey recipient;
    Bytes digest_key;
};

/// The secret keys that a reader was given.
class KeyRing {
public:
    void add(const SecretKey& key) { keys_.push_back(key); }
    /// The key of `recipient`, or nothing.
    [[nodiscard]] const SecretKey* find(BytesView recipient) const;

private:
    std::vector<SecretKey> keys_;
};

}  // namespace understudy::store
