#include "app/compare/compared_capture.hpp"

#include <fmt/format.h>

namespace understudy::app {

Result<std::unique_ptr<ComparedCapture>> ComparedCapture::open(const std::string& path, const Keys& keys) {
    UNDERSTUDY_TRY(auto files, store::capture_files(path));
    std::unique_ptr<ComparedCapture> input(new ComparedCapture(path, std::move(files), keys.ring));
    UNDERSTUDY_CHECK(input->open_next());
    input->header_ = input->reader_->header();
    if (auto key = digest_key_of(*input->reader_, path, keys)) input->digest_key_ = *key;
    return input;
}

Result<std::optional<Event>> ComparedCapture::next() {
    while (reader_ != nullptr) {
        UNDERSTUDY_TRY(auto event, reader_->next());
        if (event) return std::optional<Event>(std::move(*event));
        add_damage(reader_->damage());
        reader_.reset();
        if (next_file_ < files_.size()) UNDERSTUDY_CHECK(open_next());
    }
    return std::optional<Event>();
}

void ComparedCapture::take_only(std::function<bool(SessionId)> wanted) {
    wanted_ = std::move(wanted);
    if (reader_ != nullptr) reader_->take_only(wanted_);
}

Result<void> ComparedCapture::open_next() {
    const std::string& file = files_[next_file_++];
    UNDERSTUDY_TRY(reader_, store::CaptureReader::open(file, keys_));
    if (wanted_) reader_->take_only(wanted_);
    if (next_file_ > 1 && reader_->header().key_id != header_.key_id) {
        return make_error(Errc::inconclusive, fmt::format("{} has another digest key than the files before it", file));
    }
    return {};
}

void ComparedCapture::add_damage(const store::Damage& damage) {
    damage_.bad_chunks += damage.bad_chunks;
    damage_.bytes_skipped += damage.bytes_skipped;
    damage_.bytes_cut_off += damage.bytes_cut_off;
    damage_.unknown_records += damage.unknown_records;
    damage_.trailer_missing = damage_.trailer_missing || damage.trailer_missing;
}

}  // namespace understudy::app
