#pragma once

#include <sodium.h>

#include <cstdint>
#include <string>

#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::catalog {

/// SHA-256 (FIPS 180-4) of numbers and texts. Lengths and counts stand before what they measure, so that no two
/// sequences of them are the same bytes.
class SnapshotHasher {
public:
    SnapshotHasher();

    void number(std::uint64_t value);
    void text(BytesView text);
    void identity(const ObjectIdentity& identity);
    void property(const Property& property);
    /// 64 hexadecimal digits. Nothing can be added afterwards.
    std::string hex();

private:
    crypto_hash_sha256_state state_{};
};

}  // namespace understudy::catalog
