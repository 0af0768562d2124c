#include "app/capture_input.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "core/store/capture_reader.hpp"

namespace understudy::app {
namespace {

/// What keeps two captures from being one; empty when nothing does.
std::string difference(const CaptureHeader& a, const CaptureHeader& b) {
    if (a.policy != b.policy) {
        return fmt::format("results are kept as {} in one and as {} in the other", to_string(a.policy),
                           to_string(b.policy));
    }
    if (a.key_id != b.key_id) {
        return "their digest keys differ, so equal values have different digests (capture with one key file on all "
               "hosts: "
               "--key FILE)";
    }
    if (a.results_unknown != b.results_unknown) return "one of them knows no results (a log), the other does";
    if (a.redacted != b.redacted) return "only one of them is redacted";
    if (a.system_identifier != 0 && b.system_identifier != 0 && a.system_identifier != b.system_identifier) {
        return fmt::format("they are of different servers (system identifiers {} and {})", a.system_identifier,
                           b.system_identifier);
    }
    return {};
}

}  // namespace

inspect::FileReport read_capture(const std::string& path, const store::KeyRing& keys, Errc& code,
                                 const EventHandler& handle) {
    inspect::FileReport report;
    report.path = path;
    auto reader = store::CaptureReader::open(path, keys);
    if (!reader) {
        report.error = reader.error().message;
        code = reader.error().code;
        return report;
    }
    report.header = (*reader)->header();
    while (true) {
        auto event = (*reader)->next();
        if (!event) {
            report.error = event.error().message;
            code = event.error().code;
        }
        if (!event || !*event) break;
        handle(std::move(**event));
    }
    report.damage = (*reader)->damage();
    report.chunks = (*reader)->chunks();
    report.records = (*reader)->records();
    return report;
}

Result<inspect::FileReport> read_capture(const std::string& path, const store::KeyRing& keys,
                                         const EventHandler& handle) {
    Errc code = Errc::io;
    inspect::FileReport report = read_capture(path, keys, code, handle);
    if (!report.error.empty()) return make_error(code, report.error);
    if (!report.complete()) fmt::print(stderr, "understudy: {}\n", verify_text(report));
    return report;
}

Result<std::vector<std::string>> input_files(const std::vector<std::string>& captures) {
    std::vector<std::string> files;
    for (const std::string& capture : captures) {
        UNDERSTUDY_TRY(const auto more, store::capture_files(capture));
        files.insert(files.end(), more.begin(), more.end());
    }
    return files;
}

Result<CaptureHeader> common_header(const std::vector<std::string>& files, const store::KeyRing& keys) {
    CaptureHeader common;
    for (std::size_t i = 0; i < files.size(); ++i) {
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(files[i], keys));
        const CaptureHeader& header = reader->header();
        if (i == 0) {
            common = header;
            continue;
        }
        if (const std::string why = difference(common, header); !why.empty()) {
            return make_error(Errc::usage,
                              fmt::format("{} and {} cannot become one capture: {}", files[0], files[i], why));
        }
        if (common.server_version.empty()) common.server_version = header.server_version;
        if (common.system_identifier == 0) common.system_identifier = header.system_identifier;
    }
    return common;
}

Result<std::optional<store::EncryptTo>> output_encryption(const std::vector<std::string>& files, const Keys& keys,
                                                          const std::string& encrypt_to) {
    std::optional<store::EncryptTo> common;
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(file, keys.ring));
        UNDERSTUDY_TRY(const auto own, same_encryption(*reader));
        if (!encrypt_to.empty()) {
            UNDERSTUDY_TRY(const DigestKey key, digest_key_of(*reader, file, keys));
            return encryption_to(encrypt_to, key);
        }
        if (common && own && common->recipient != own->recipient) {
            return make_error(Errc::usage,
                              "the captures are encrypted to several keys; say with --encrypt-to for whom "
                              "the new one is");
        }
        if (own) common = own;
    }
    return common;
}

Result<void> refuse_to_overwrite(const std::string& output, const std::vector<std::string>& files) {
    for (const std::string& file : files) {
        std::error_code ignored;
        if (output == file || std::filesystem::equivalent(output, file, ignored)) {
            return make_error(Errc::usage, fmt::format("{} is to be read: write to another file", output));
        }
    }
    return {};
}

}  // namespace understudy::app
