#pragma once

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <string>

#include "core/base/time.hpp"

namespace understudy::compare {

/// "2024-05-01T10:02:11.123Z".
inline std::string utc_text(Timestamp time) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    std::int64_t seconds = time.ns() / kSecond;
    std::int64_t rest = time.ns() % kSecond;
    if (rest < 0) {
        rest += kSecond;
        --seconds;
    }
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(seconds)), rest / 1'000'000);
}

}  // namespace understudy::compare
