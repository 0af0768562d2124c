#include "core/exchange/result_digest.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <mutex>
#include <utility>
#include <vector>

namespace understudy {
namespace {

constexpr std::string_view kFilePrefix = "understudy-digest-key-1 ";

void require_sodium() {
    static const bool ready = sodium_init() >= 0;
    UNDERSTUDY_ASSERT(ready);
}

std::uint64_t sip_hash(const std::array<unsigned char, DigestKey::kSize>& key, BytesView bytes) {
    static_assert(crypto_shorthash_KEYBYTES == DigestKey::kSize && crypto_shorthash_BYTES == 8);
    std::uint64_t hash = 0;
    crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), key.data());
    return hash;
}

std::array<unsigned char, DigestKey::kSize> subkey(const DigestKey& key, unsigned char number) {
    std::array<unsigned char, DigestKey::kSize> derived{};
    const std::array<unsigned char, 2> low{number, 0};
    const std::array<unsigned char, 2> high{number, 1};
    crypto_shorthash(derived.data(), low.data(), low.size(), key.bytes().data());
    crypto_shorthash(derived.data() + 8, high.data(), high.size(), key.bytes().data());
    return derived;
}

}  // namespace

DigestKey DigestKey::generate() {
    require_sodium();
    std::array<unsigned char, kSize> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    return DigestKey(bytes);
}

Result<DigestKey> DigestKey::load(const std::string& path) {
    require_sodium();
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 077U) != 0) {
        return make_error(Errc::refused, fmt::format("the digest key {} can be read by others; chmod 600 it", path));
    }
    std::ifstream file(path);
    if (!file)
        return make_error(Errc::io, fmt::format("cannot read the digest key {}: {}", path, std::strerror(errno)));
    std::string line;
    std::getline(file, line);
    std::array<unsigned char, kSize> bytes{};
    std::size_t length = 0;
    if (!line.starts_with(kFilePrefix) ||
        sodium_hex2bin(bytes.data(), bytes.size(), line.c_str() + kFilePrefix.size(), line.size() - kFilePrefix.size(),
                       nullptr, &length, nullptr) != 0 ||
        length != kSize) {
        return make_error(Errc::malformed, fmt::format("{} is not a digest key file", path));
    }
    return DigestKey(bytes);
}

Result<void> DigestKey::save(const std::string& path) const {
    std::string hex(2 * kSize + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), bytes_.data(), bytes_.size());
    hex.back() = '\n';
    const std::string content = std::string(kFilePrefix) + hex;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return make_error(Errc::io, fmt::format("cannot write the digest key {}: {}", path, std::strerror(errno)));
    }
    const bool written = ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size());
    if (::close(fd) != 0 || !written) {
        ::unlink(path.c_str());
        return make_error(Errc::io, fmt::format("cannot write the digest key {}: {}", path, std::strerror(errno)));
    }
    return {};
}

std::string DigestKey::id() const { return fmt::format("{:016x}", sip_hash(bytes_, "understudy key id")); }

/// Readers take the newest without a lock; what was known before stays, because they may still hold it.
struct Digester::Known {
    std::mutex learning;
    std::vector<std::unique_ptr<const pgwire::UserTypes>> all;
    std::atomic<const pgwire::UserTypes*> newest{nullptr};

    void keep(pgwire::UserTypes types) {
        newest = all.emplace_back(std::make_unique<const pgwire::UserTypes>(std::move(types))).get();
    }
};

Digester::Digester(const DigestKey& key, pgwire::UserTypes types) : known_(std::make_shared<Known>()) {
    require_sodium();
    known_->keep(std::move(types));
    for (std::size_t i = 0; i < kClasses; ++i) keys_[i] = subkey(key, static_cast<unsigned char>(i));
    null_cell_ = sip_hash(keys_[static_cast<std::size_t>(pgwire::ValueClass::null)], {});
}

const pgwire::UserTypes& Digester::user_types() const { return *known_->newest.load(std::memory_order_acquire); }

void Digester::learn(const pgwire::UserTypes& types) {
    const std::lock_guard lock(known_->learning);
    pgwire::UserTypes all = user_types();
    all.update(types);
    known_->keep(std::move(all));
}

std::uint64_t Digester::cell(pgwire::ValueClass value_class, BytesView canonical) const {
    return sip_hash(keys_[static_cast<std::size_t>(value_class) & 31U], canonical);
}

std::uint64_t Digester::bytes(BytesView value) const { return sip_hash(keys_[kClasses - 1], value); }

}  // namespace understudy
