#include "core/catalog/snapshot/snapshot_hasher.hpp"

#include <array>

namespace understudy::catalog {

SnapshotHasher::SnapshotHasher() { crypto_hash_sha256_init(&state_); }

void SnapshotHasher::number(std::uint64_t value) {
    std::array<unsigned char, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
    crypto_hash_sha256_update(&state_, bytes.data(), bytes.size());
}

void SnapshotHasher::text(BytesView text) {
    number(text.size());
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

void SnapshotHasher::identity(const ObjectIdentity& identity) {
    for (const Bytes* part : {&identity.kind, &identity.schema, &identity.relation, &identity.name}) text(*part);
}

void SnapshotHasher::property(const Property& property) {
    text(property.name);
    number(property.value.index());
    if (const auto* one = std::get_if<Bytes>(&property.value)) return text(*one);
    const auto& items = std::get<PropertyList>(property.value);
    number(items.size());
    for (const Bytes& item : items) text(item);
}

std::string SnapshotHasher::hex() {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&state_, digest.data());
    constexpr BytesView kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * digest.size());
    for (const unsigned char byte : digest) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

}  // namespace understudy::catalog
