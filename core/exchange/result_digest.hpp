#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/model/digest_mix.hpp"
#include "core/pgwire/type_structure.hpp"
#include "core/pgwire/value.hpp"

namespace understudy {

/// The secret that keys a capture's digests, so that values cannot be guessed from them. Two captures can be compared
/// by digest only when their keys are the same.
class DigestKey {
public:
    static constexpr std::size_t kSize = 16;

    /// A new random key.
    static DigestKey generate();
    /// Reads a key file; errors: Errc::io, Errc::malformed.
    static Result<DigestKey> load(const std::string& path);
    /// Writes a key file that only its owner can read; an existing file is not overwritten (Errc::io).
    Result<void> save(const std::string& path) const;
    /// Names the key without giving it away: 16 hexadecimal digits.
    [[nodiscard]] std::string id() const;

    explicit DigestKey(const std::array<unsigned char, kSize>& bytes) : bytes_(bytes) {}
    [[nodiscard]] const std::array<unsigned char, kSize>& bytes() const { return bytes_; }

private:
    std::array<unsigned char, kSize> bytes_{};
};

/// Digests as docs/capture-file.md has them. SipHash-2-4 (Aumasson and Bernstein, 2012) by libsodium keys the cells;
/// rows and results are mixed from cells without the key.
class Digester {
public:
    /// `types` are those of the server that answers; without them values of user types are taken by their bytes where
    /// they are sent in binary.
    explicit Digester(const DigestKey& key, pgwire::UserTypes types = {});

    [[nodiscard]] std::uint64_t cell(pgwire::ValueClass value_class, BytesView canonical) const;
    /// What is known now; valid as long as the digester or a copy of it. May be called while another thread learns.
    [[nodiscard]] const pgwire::UserTypes& user_types() const;
    /// The server has other types from now on (a migration ran): `types` join the known ones, and take their place where
    /// the OID is the same. Copies of the digester learn too.
    void learn(const pgwire::UserTypes& types);
    [[nodiscard]] std::uint64_t null_cell() const { return null_cell_; }
    /// Of bytes that are no cell: COPY data, texts of error messages.
    [[nodiscard]] std::uint64_t bytes(BytesView value) const;

private:
    static constexpr std::size_t kClasses = 33;  // the value classes and one for bytes()
    std::array<std::array<unsigned char, DigestKey::kSize>, kClasses> keys_{};
    std::uint64_t null_cell_ = 0;
    struct Known;
    std::shared_ptr<Known> known_;
};

}  // namespace understudy
