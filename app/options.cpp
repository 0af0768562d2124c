#include "app/options.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <csignal>

namespace understudy::app {
namespace {

std::atomic<bool> stop_flag{false};
std::atomic<bool> hangup_flag{false};

extern "C" void on_hangup_signal(int) { hangup_flag = true; }

extern "C" void on_stop_signal(int signal_number) {
    if (stop_flag.exchange(true)) _exit(128 + signal_number);
}

}  // namespace

Result<Duration> parse_duration(const std::string& text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, errc] = std::from_chars(text.data(), end, value);
    const std::string unit(rest, end);
    double factor = 0;
    if (unit.empty() || unit == "s") factor = 1e9;
    if (unit == "ms") factor = 1e6;
    if (unit == "m" || unit == "min") factor = 60e9;
    if (unit == "h") factor = 3600e9;
    if (errc != std::errc() || factor == 0 || !(value >= 0) || value * factor > 9e18) {
        return make_error(Errc::usage, fmt::format("'{}' is not a duration; write for example 90s, 10m or 2h", text));
    }
    return Duration::nanoseconds(static_cast<std::int64_t>(value * factor));
}

Result<std::uint64_t> parse_size(const std::string& text) {
    constexpr std::array<std::pair<const char*, double>, 11> kUnits{{{"", 1},
                                                                     {"B", 1},
                                                                     {"kB", 1e3},
                                                                     {"KB", 1e3},
                                                                     {"MB", 1e6},
                                                                     {"GB", 1e9},
                                                                     {"TB", 1e12},
                                                                     {"KiB", 1024},
                                                                     {"MiB", 1048576},
                                                                     {"GiB", 1073741824},
                                                                     {"TiB", 1099511627776}}};
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, errc] = std::from_chars(text.data(), end, value);
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    for (const auto& [name, factor] : kUnits) {
        if (errc == std::errc() && unit == name && value > 0 && value * factor < 9e18) {
            return static_cast<std::uint64_t>(value * factor);
        }
    }
    return make_error(Errc::usage, fmt::format("'{}' is not a size; write for example 500MB or 2GiB", text));
}

Result<ResultsPolicy> parse_policy(const std::string& text) {
    for (const ResultsPolicy policy : {ResultsPolicy::digest, ResultsPolicy::sample, ResultsPolicy::full}) {
        if (to_string(policy) == text) return policy;
    }
    return make_error(Errc::usage, fmt::format("'{}' is not a results policy; use digest, sample or full", text));
}

Result<std::pair<std::string, std::string>> parse_mapping(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        return make_error(Errc::usage, fmt::format("'{}' is not a mapping; write RECORDED=TARGET", text));
    }
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

void watch_for_stop() {
    struct sigaction action {};
    action.sa_handler = on_stop_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

void watch_for_hangup() {
    struct sigaction action {};
    action.sa_handler = on_hangup_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGHUP, &action, nullptr);
}

bool take_hangup() { return hangup_flag.exchange(false); }

bool stop_requested() { return stop_flag.load(std::memory_order_relaxed); }

std::string human_bytes(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string human_count(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

std::string human_duration(Duration duration) {
    const double seconds = duration.to_seconds();
    if (seconds < 1) return fmt::format("{:.1f} ms", seconds * 1e3);
    if (seconds < 60) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::int64_t>(seconds);
    if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
    return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
}

}  // namespace understudy::app
