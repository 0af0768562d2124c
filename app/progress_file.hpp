#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>

#include "core/base/error.hpp"
#include "replay/replay_stats.hpp"

namespace understudy::app {

/// Progress for programs: a line of JSON each time (docs/rehearse.md, "Progress for programs"), appended to a file that
/// several processes may share. Nothing is written where `path` is empty; a file that cannot be written is no failure.
void append_progress(const std::string& path, const std::string& line);

/// What begins, of how many; `seconds_left` as far as can be told.
std::string step_progress(const std::string& name, std::size_t number, std::size_t of,
                          std::optional<double> seconds_left);
/// How a replay gets on. `rate`: exchanges answered a second, since the line before.
std::string replay_progress(const replay::ReplayStats& stats, Timestamp start, Timestamp now, double rate);

/// Appends replay_progress() twice a second, from a thread of its own.
class ReplayProgressFile {
public:
    ReplayProgressFile(const replay::ReplayStats& stats, std::string path);
    ~ReplayProgressFile();
    ReplayProgressFile(const ReplayProgressFile&) = delete;
    ReplayProgressFile& operator=(const ReplayProgressFile&) = delete;

private:
    void follow();

    const replay::ReplayStats& stats_;
    std::string path_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

}  // namespace understudy::app
