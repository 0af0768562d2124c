#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace understudy::app::service {

/// What the lines of `rehearse --progress-json` have said so far of one run (docs/rehearse.md): the step that it is in,
/// and how the replay of that step gets on.
class LiveProgress {
public:
    static constexpr std::size_t kMaxLine = 8192;

    LiveProgress();
    LiveProgress(LiveProgress&&) noexcept;
    LiveProgress& operator=(LiveProgress&&) noexcept;
    ~LiveProgress();

    /// Bytes of the file as they come; a line that is no progress, or too long, is passed over and counted. Gives
    /// whether anything is new.
    bool add(std::string_view bytes);
    /// {"step": {…} or null, "replay": {…} or null, "unreadable_lines": n}.
    [[nodiscard]] nlohmann::json json() const;

private:
    bool take(std::string_view line);
    struct Known;
    std::unique_ptr<Known> known_;
    std::string rest_;
    bool skipping_ = false;
    std::uint64_t unreadable_ = 0;
};

}  // namespace understudy::app::service
