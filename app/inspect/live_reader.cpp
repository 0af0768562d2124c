#include "app/inspect/live_reader.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "app/options.hpp"
#include "core/store/capture_reader.hpp"

namespace understudy::app::inspect {
namespace {

constexpr std::chrono::milliseconds kPoll{100};
constexpr int kGracePolls = 30;  // for the next file of a directory

void wait(const std::function<void()>& pause) {
    pause();
    std::this_thread::sleep_for(kPoll);
}

/// A file that was just created may have no header yet.
Result<std::unique_ptr<store::CaptureReader>> open_growing(const std::string& path, const store::KeyRing& keys,
                                                           const std::function<void()>& pause) {
    while (true) {
        auto reader = store::CaptureReader::open(path, keys);
        if (reader || reader.error().code != Errc::end_of_file || stop_requested()) return reader;
        wait(pause);
    }
}

Result<void> follow_file(const std::string& path, const store::KeyRing& keys,
                         const std::function<void(const Event&)>& handle, const std::function<void()>& pause) {
    UNDERSTUDY_TRY(const auto reader, open_growing(path, keys, pause));
    while (!stop_requested()) {
        UNDERSTUDY_TRY(const auto event, reader->next());
        if (event) {
            handle(*event);
        } else {
            if (!reader->resume()) return {};
            wait(pause);
        }
    }
    return {};
}

}  // namespace

Result<void> follow_capture(const std::string& path, const store::KeyRing& keys,
                            const std::function<void(const Event&)>& handle, const std::function<void()>& pause) {
    UNDERSTUDY_TRY(auto files, store::capture_files(path));
    std::string current = files.back();
    std::error_code error;
    const bool directory = std::filesystem::is_directory(path, error);
    while (true) {
        UNDERSTUDY_CHECK(follow_file(current, keys, handle, pause));
        if (!directory) return {};
        auto next = files.end();
        for (int polls = 0; polls < kGracePolls && !stop_requested(); ++polls) {
            UNDERSTUDY_TRY(files, store::capture_files(path));
            next = std::upper_bound(files.begin(), files.end(), current);
            if (next != files.end()) break;
            wait(pause);
        }
        if (stop_requested() || next == files.end()) return {};
        current = *next;
    }
}

}  // namespace understudy::app::inspect
