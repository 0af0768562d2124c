#include "app/web/wall_clock.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <time.h>

#include <chrono>
#include <filesystem>

namespace understudy::app {

Timestamp wall_now() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp::from_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count());
}

Duration local_offset(Timestamp instant) {
    const std::time_t seconds = instant.ns() / 1'000'000'000;
    std::tm local{};
    if (::localtime_r(&seconds, &local) == nullptr) return {};
    return Duration::seconds(local.tm_gmtoff);
}

Result<void> set_time_zone(const std::string& name) {
    std::error_code ignored;
    // An unknown name would be UTC without a word.
    if (name != "UTC" && !std::filesystem::is_regular_file("/usr/share/zoneinfo/" + name, ignored)) {
        return make_error(Errc::usage, fmt::format("time_zone: this machine does not know {} (package tzdata)", name));
    }
    ::setenv("TZ", name.c_str(), 1);
    ::tzset();
    return {};
}

}  // namespace understudy::app
