#include "app/keys.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>

namespace understudy::app {
namespace {

bool is_secret_key(const std::string& path) {
    std::ifstream file(path);
    std::string start(store::SecretKey::kFilePrefix.size(), '\0');
    return file.read(start.data(), static_cast<std::streamsize>(start.size())) &&
           start == store::SecretKey::kFilePrefix;
}

}  // namespace

Result<void> Keys::load() {
    for (const std::string& file : files) {
        if (is_secret_key(file)) {
            UNDERSTUDY_TRY(const store::SecretKey key, store::SecretKey::load(file));
            ring.add(key);
            continue;
        }
        if (digest_key) return make_error(Errc::usage, "--key names two digest keys; a capture has one");
        UNDERSTUDY_TRY(digest_key, DigestKey::load(file));
    }
    return {};
}

void add_key_option(CLI::App& command, Keys& keys) {
    command.add_option("--key", keys.files,
                       "Key file: the digest key (default: beside the capture), or the secret key of an encrypted "
                       "capture; may be given more than once");
}

Result<std::optional<store::EncryptTo>> encryption_to(const std::string& public_key, const DigestKey& digest_key) {
    if (public_key.empty()) return std::optional<store::EncryptTo>();
    UNDERSTUDY_TRY(const auto recipient, store::PublicKey::load(public_key));
    return std::optional(store::EncryptTo{recipient, Bytes(digest_key.bytes().begin(), digest_key.bytes().end())});
}

Result<std::optional<store::EncryptTo>> same_encryption(const store::CaptureReader& reader) {
    if (!reader.encrypted()) return std::optional<store::EncryptTo>();
    UNDERSTUDY_TRY(const auto recipient, store::PublicKey::from_bytes(reader.recipient()));
    return std::optional(store::EncryptTo{recipient, reader.digest_key()});
}

std::vector<std::string> digest_key_paths(const std::string& capture) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path path(capture);
    if (fs::is_directory(path, error)) return {(path / "capture.key").string()};
    return {capture + ".key", (path.parent_path() / "capture.key").string()};
}

Result<DigestKey> digest_key_of(const store::CaptureReader& reader, const std::string& capture, const Keys& keys) {
    const auto fits = [&](const DigestKey& key) { return key.id() == reader.header().key_id; };
    if (keys.digest_key) {
        if (fits(*keys.digest_key)) return *keys.digest_key;
        return make_error(
            Errc::usage,
            fmt::format("the digest key does not belong to {}: name the right one with --key FILE", capture));
    }
    if (reader.digest_key().size() == DigestKey::kSize) {
        std::array<unsigned char, DigestKey::kSize> bytes{};
        std::copy(reader.digest_key().begin(), reader.digest_key().end(), bytes.begin());
        return DigestKey(bytes);
    }
    const auto paths = digest_key_paths(capture);
    for (const std::string& path : paths) {
        if (::access(path.c_str(), F_OK) != 0) continue;
        UNDERSTUDY_TRY(const DigestKey key, DigestKey::load(path));
        if (fits(key)) return key;
        return make_error(
            Errc::usage,
            fmt::format("the digest key {} does not belong to {}: name the right one with --key FILE", path, capture));
    }
    return make_error(Errc::io, fmt::format("the digest key {} is not there; copy it beside the capture or name it "
                                            "with --key FILE",
                                            paths.front()));
}

}  // namespace understudy::app
