#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/keys.hpp"
#include "compare/comparison.hpp"
#include "core/store/capture_reader.hpp"

namespace understudy::app {

/// A capture argument of a comparison: a file, or the files of a directory one after the other.
class ComparedCapture final : public compare::EventSource {
public:
    /// Errors: those of the first file.
    static Result<std::unique_ptr<ComparedCapture>> open(const std::string& path, const Keys& keys);

    [[nodiscard]] const CaptureHeader& header() const override { return header_; }
    [[nodiscard]] std::string name() const override { return path_; }
    [[nodiscard]] store::Damage damage() const override { return damage_; }
    Result<std::optional<Event>> next() override;
    void take_only(std::function<bool(SessionId)> wanted) override;

    /// The key of its digests, where it can be found.
    [[nodiscard]] const std::optional<DigestKey>& digest_key() const { return digest_key_; }

private:
    ComparedCapture(std::string path, std::vector<std::string> files, const store::KeyRing& keys)
        : path_(std::move(path)), files_(std::move(files)), keys_(keys) {}
    Result<void> open_next();
    void add_damage(const store::Damage& damage);

    std::string path_;
    std::vector<std::string> files_;
    store::KeyRing keys_;
    std::function<bool(SessionId)> wanted_;  // empty: all are
    std::size_t next_file_ = 0;
    std::unique_ptr<store::CaptureReader> reader_;
    CaptureHeader header_;
    store::Damage damage_;
    std::optional<DigestKey> digest_key_;
};

}  // namespace understudy::app
