#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/exchange/result_digest.hpp"

namespace understudy {

/// Choices that a secret key makes: the same for the same input, unforeseeable without the key. SipHash-2-4 (libsodium)
/// with a key derived from the digest key, so that neither is found from the other's output.
class KeyedChoice {
public:
    explicit KeyedChoice(const DigestKey& key);

    [[nodiscard]] std::uint64_t hash(BytesView purpose, BytesView value) const;
    /// A permutation of the numbers below `count` (at most 2^62), applied to `value`: a Feistel network that is walked
    /// until it is in range (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). No two values collide.
    [[nodiscard]] std::uint64_t permute(BytesView purpose, std::uint64_t count, std::uint64_t value) const;
    /// `count` letters of `alphabet` chosen by `value`.
    [[nodiscard]] Bytes letters(BytesView purpose, BytesView value, std::size_t count, BytesView alphabet) const;

private:
    std::array<unsigned char, DigestKey::kSize> key_{};
};

}  // namespace understudy
