#include "app/service/hook_retry.hpp"

#include <algorithm>
#include <charconv>

namespace understudy::app::service {
namespace {

constexpr Duration kLongestPause = Duration::seconds(300);
constexpr int kLongestRetryAfter = 86'400;

bool may_get_better(const HookAnswer& answer) {
    if (answer.status == 408 || answer.status == 425 || answer.status == 429) return true;
    if (answer.status == 403) return answer.retry_after.has_value();
    return answer.status == 0 || answer.status >= 500;
}

}  // namespace

HookNext next_attempt(const HookAnswer& answer, unsigned attempts, Duration waited, Duration patience) {
    if (answer.status >= 200 && answer.status < 300) return {true, std::nullopt};
    if (!may_get_better(answer)) return {};
    Duration pause = Duration::seconds(1);
    for (unsigned i = 1; i < attempts && pause < kLongestPause; ++i) pause = pause.scaled(4);
    pause = std::min(pause, kLongestPause);
    if (answer.retry_after) pause = std::max(pause, *answer.retry_after);
    if (waited + pause > patience) return {};
    return {false, pause};
}

std::optional<Duration> parse_retry_after(const std::string& text) {
    int seconds = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc() || rest != end || seconds < 0 || seconds > kLongestRetryAfter) return std::nullopt;
    return Duration::seconds(seconds);
}

}  // namespace understudy::app::service
