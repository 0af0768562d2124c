#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/exchange/result_digest.hpp"
#include "core/store/capture_reader.hpp"
#include "core/store/sealing.hpp"

namespace CLI {
class App;
}

namespace understudy::app {

/// The files of --key: a digest key, and secret keys for encrypted captures, told apart by what is in them.
struct Keys {
    std::vector<std::string> files;  ///< as given; filled by add_key_option
    store::KeyRing ring;
    std::optional<DigestKey> digest_key;

    /// Reads `files`. Errors: those of the key files; Errc::usage for two digest keys.
    Result<void> load();
};

/// Adds `--key FILE`, for a command that reads captures.
void add_key_option(CLI::App& command, Keys& keys);

/// The digest key of a capture that is read: the one given, the one that an encrypted capture brings along, or the one
/// that lies beside it (digest_key_paths). Errors: Errc::io where there is none; Errc::usage where it is another one.
Result<DigestKey> digest_key_of(const store::CaptureReader& reader, const std::string& capture, const Keys& keys);
/// For whom `--encrypt-to` asks to encrypt, with the digest key to be sealed; nothing where it is empty. Errors: those
/// of the key.
Result<std::optional<store::EncryptTo>> encryption_to(const std::string& public_key, const DigestKey& digest_key);
/// To whom a file is encrypted that is made of this one; nothing where it is plain.
Result<std::optional<store::EncryptTo>> same_encryption(const store::CaptureReader& reader);
/// Where the digest key of `capture` is looked for: CAPTURE.key, and capture.key in its directory of rotated files.
std::vector<std::string> digest_key_paths(const std::string& capture);

}  // namespace understudy::app
