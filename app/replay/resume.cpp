#include "app/replay/resume.hpp"

#include <fmt/format.h>

#include "core/store/capture_reader.hpp"

namespace understudy::app {
namespace {

template <class Handle>
Result<void> read_all(const std::string& path, const store::KeyRing& keys, Handle handle) {
    UNDERSTUDY_TRY(const auto files, store::capture_files(path));
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(file, keys));
        UNDERSTUDY_CHECK(handle(reader->header(), nullptr));
        while (true) {
            UNDERSTUDY_TRY(std::optional<Event> event, reader->next());
            if (!event) break;
            UNDERSTUDY_CHECK(handle(reader->header(), &*event));
        }
    }
    return {};
}

Result<void> check_read_only(const std::string& path, const CaptureHeader& header) {
    if (header.source != "replay") {
        return make_error(Errc::usage,
                          fmt::format("{} is not a replay's answers, so there is nothing to go on with", path));
    }
    if (header.description.find(", --read-only") != std::string::npos) return {};
    return make_error(
        Errc::usage,
        fmt::format("{} was not replayed with --read-only: what it wrote until it was interrupted is on the "
                    "target, and what was in a transaction then is not; restore the target and begin anew",
                    path));
}

}  // namespace

Result<std::shared_ptr<const replay::ResumePoints>> read_resume_points(const std::string& path,
                                                                       const store::KeyRing& keys) {
    auto points = std::make_shared<replay::ResumePoints>();
    UNDERSTUDY_CHECK(read_all(path, keys, [&](const CaptureHeader& header, const Event* event) -> Result<void> {
        if (event == nullptr) return check_read_only(path, header);
        points->on_event(*event);
        return {};
    }));
    return std::shared_ptr<const replay::ResumePoints>(std::move(points));
}

Result<void> copy_answers(const std::string& path, const store::KeyRing& keys, const replay::ResumePoints& done,
                          const CaptureHeader& header, EventSink& sink) {
    return read_all(path, keys, [&](const CaptureHeader& earlier, Event* event) -> Result<void> {
        if (event != nullptr) {
            if (done.keeps(*event)) sink.on_event(std::move(*event));
            return {};
        }
        if (earlier.key_id == header.key_id && earlier.policy == header.policy) return {};
        return make_error(Errc::usage, fmt::format("{} has another digest key or results policy (--results)", path));
    });
}

}  // namespace understudy::app
