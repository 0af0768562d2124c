#include "capture/record/capture_output.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <vector>

namespace understudy::capture {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "capture-";
constexpr std::string_view kSuffix = ".pgcap";
constexpr std::size_t kNumberDigits = 6;

std::string file_name(Timestamp now, std::uint64_t number) {
    const std::time_t seconds = now.ns() / 1'000'000'000;
    return fmt::format("{}{:%Y%m%dT%H%M%SZ}-{:0{}}{}", kPrefix, fmt::gmtime(seconds), number, kNumberDigits, kSuffix);
}

/// The number in a name of ours; nothing for any other name.
std::optional<std::uint64_t> number_of(const std::string& name) {
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
    const std::size_t dash = name.rfind('-');
    const std::string digits = name.substr(dash + 1, name.size() - kSuffix.size() - dash - 1);
    std::uint64_t number = 0;
    const auto [end, errc] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (errc != std::errc() || end != digits.data() + digits.size() || digits.size() < kNumberDigits) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

Result<std::unique_ptr<CaptureOutput>> CaptureOutput::open(const OutputOptions& options, const CaptureHeader& header) {
    std::unique_ptr<CaptureOutput> output(new CaptureOutput(options, header));
    if (options.rotating) UNDERSTUDY_CHECK(output->prepare_directory());
    UNDERSTUDY_CHECK(output->begin_file());
    return output;
}

Result<void> CaptureOutput::prepare_directory() {
    const fs::path directory(options_.path);
    std::error_code error;
    if (fs::exists(directory, error) && !fs::is_directory(directory, error)) {
        return make_error(Errc::usage, fmt::format("{} is a file; rotation needs a directory", options_.path));
    }
    if (fs::create_directories(directory, error)) {
        ::chmod(options_.path.c_str(), 0700);  // the files themselves are 0600 wherever they are
    }
    if (error) {
        const bool denied = error == std::errc::permission_denied;
        return make_error(Errc::io, fmt::format("cannot make {}: {}{}", options_.path, error.message(),
                                                denied ? " (make it beforehand, for the user that records: install -d -o "
                                                         "USER -m 0700 DIRECTORY)"
                                                       : ""));
    }
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        const std::string name = entry.path().filename().string();
        if (const auto number = number_of(name)) {
            found.push_back(entry.path().string());
            number_ = std::max(number_, *number);
        }
    }
    if (error) return make_error(Errc::io, fmt::format("cannot read {}: {}", options_.path, error.message()));
    std::sort(found.begin(), found.end());
    kept_.assign(found.begin(), found.end());
    first_number_ = number_ + 1;
    return {};
}

Result<void> CaptureOutput::begin_file() {
    current_path_ = options_.path;
    if (options_.rotating) {
        current_path_ = (fs::path(options_.path) / file_name(header_.created, ++number_)).string();
    }
    UNDERSTUDY_TRY(file_, store::CaptureFile::create(current_path_, header_, options_.encrypt_to));
    compressor_ = std::make_unique<store::ChunkCompressor>(file_->cipher());
    return options_.keep > 0 ? delete_oldest() : Result<void>();
}

Result<void> CaptureOutput::delete_oldest() {
    while (kept_.size() + 1 > options_.keep) {
        std::error_code error;
        fs::remove(kept_.front(), error);
        if (error) return make_error(Errc::io, fmt::format("cannot delete {}: {}", kept_.front(), error.message()));
        kept_.pop_front();
    }
    return {};
}

Result<void> CaptureOutput::append(BytesView records, std::uint32_t count, Timestamp base, Timestamp last) {
    return file_->append_chunk(compressor_->compress(records, count, base, last), count, base, last);
}

Result<void> CaptureOutput::rotate(Timestamp now) {
    UNDERSTUDY_ASSERT(options_.rotating);
    UNDERSTUDY_CHECK(file_->finish());
    finished_size_ += file_->size();
    kept_.push_back(current_path_);
    header_.created = now;
    auto begun = begin_file();
    if (!begun) finished_size_ -= file_->size();  // the finished one is still the current one
    return begun;
}

Result<void> CaptureOutput::finish() { return file_->finish(); }

}  // namespace understudy::capture
