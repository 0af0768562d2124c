#include "core/exchange/keyed_choice.hpp"

#include <sodium.h>

#include <bit>

#include "core/base/byte_writer.hpp"

namespace understudy {
namespace {

std::uint64_t sip_hash(const std::array<unsigned char, DigestKey::kSize>& key, BytesView bytes) {
    static_assert(crypto_shorthash_KEYBYTES == DigestKey::kSize && crypto_shorthash_BYTES == 8);
    std::array<unsigned char, 8> hash{};
    crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), key.data());
    std::uint64_t number = 0;
    for (const unsigned char byte : hash) number = number << 8U | byte;
    return number;
}

}  // namespace

KeyedChoice::KeyedChoice(const DigestKey& key) {
    const bool ready = sodium_init() >= 0;
    UNDERSTUDY_ASSERT(ready);
    const std::array<BytesView, 2> labels{"understudy redaction key 0", "understudy redaction key 1"};
    for (std::size_t half = 0; half < labels.size(); ++half) {
        const std::uint64_t part = sip_hash(key.bytes(), labels[half]);
        for (std::size_t i = 0; i < 8; ++i) key_[half * 8 + i] = static_cast<unsigned char>(part >> (8 * i));
    }
}

std::uint64_t KeyedChoice::hash(BytesView purpose, BytesView value) const {
    Bytes input(purpose);
    input.push_back('\0');
    input.append(value);
    return sip_hash(key_, input);
}

std::uint64_t KeyedChoice::permute(BytesView purpose, std::uint64_t count, std::uint64_t value) const {
    constexpr unsigned kRounds = 10;
    if (count < 2 || value >= count) return value;
    const auto half_bits = static_cast<unsigned>(std::bit_width(count - 1) + 1) / 2;
    const std::uint64_t mask = (std::uint64_t{1} << half_bits) - 1;
    Bytes input;
    do {
        std::uint64_t left = value >> half_bits;
        std::uint64_t right = value & mask;
        for (unsigned round = 0; round < kRounds; ++round) {
            input.clear();
            ByteWriter writer(input);
            writer.c_string(purpose);
            writer.u64(count);
            writer.u32(round);
            writer.u64(right);
            const std::uint64_t next = left ^ (sip_hash(key_, input) & mask);
            left = right;
            right = next;
        }
        value = left << half_bits | right;
    } while (value >= count);
    return value;
}

Bytes KeyedChoice::letters(BytesView purpose, BytesView value, std::size_t count, BytesView alphabet) const {
    Bytes out;
    out.reserve(count);
    Bytes input;
    std::uint64_t number = 0;
    const std::uint64_t seed = hash(purpose, value);
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 8 == 0) {
            input.clear();
            ByteWriter writer(input);
            writer.u64(seed);
            writer.u64(i);
            number = sip_hash(key_, input);
        }
        out.push_back(alphabet[number % alphabet.size()]);
        number /= alphabet.size();
    }
    return out;
}

}  // namespace understudy
