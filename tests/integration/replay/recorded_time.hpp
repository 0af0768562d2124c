#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <string>

#include "core/base/time.hpp"

namespace understudy::replay {

/// This instant as an option takes it, with nothing recorded for some milliseconds around it.
inline std::string recorded_time() {
    constexpr useconds_t kMargin = 20'000;
    ::usleep(kMargin);
    const std::int64_t ns = system_clock().now().ns();
    ::usleep(kMargin);
    const std::time_t seconds = ns / 1'000'000'000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    return fmt::format("{}.{:09}Z", text.data(), ns % 1'000'000'000);
}

}  // namespace understudy::replay
