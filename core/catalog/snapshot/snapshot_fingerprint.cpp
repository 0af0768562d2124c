#include "core/catalog/snapshot/snapshot_fingerprint.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

namespace understudy::catalog {
namespace {

/// Lengths and counts stand before what they measure, so that no two snapshots are the same bytes.
class Hasher {
public:
    Hasher() { crypto_hash_sha256_init(&state_); }

    void number(std::uint64_t value) {
        std::array<unsigned char, 8> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
        crypto_hash_sha256_update(&state_, bytes.data(), bytes.size());
    }
    void text(BytesView text) {
        number(text.size());
        crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
    std::string hex() {
        std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
        crypto_hash_sha256_final(&state_, digest.data());
        return fmt::format("{:02x}", fmt::join(digest, ""));
    }

private:
    crypto_hash_sha256_state state_{};
};

}  // namespace

std::string fingerprint(const Snapshot& snapshot) {
    Hasher hasher;
    hasher.number(snapshot.objects.size());
    for (const SchemaObject& object : snapshot.objects) {
        hasher.text(object.identity.kind);
        hasher.text(object.identity.schema);
        hasher.text(object.identity.relation);
        hasher.text(object.identity.name);
        hasher.number(object.properties.size());
        for (const Property& property : object.properties) {
            hasher.text(property.name);
            hasher.number(property.value.index());
            if (const auto* text = std::get_if<Bytes>(&property.value)) {
                hasher.text(*text);
                continue;
            }
            const auto& items = std::get<PropertyList>(property.value);
            hasher.number(items.size());
            for (const Bytes& item : items) hasher.text(item);
        }
    }
    hasher.number(snapshot.unread.size());
    for (const UnreadPart& part : snapshot.unread) {
        hasher.text(part.what);
        hasher.text(part.why);
    }
    return hasher.hex();
}

}  // namespace understudy::catalog
