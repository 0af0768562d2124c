#pragma once

#include <compare>
#include <cstdint>

namespace understudy {

/// A length of time in nanoseconds.
class Duration {
public:
    constexpr Duration() = default;
    static constexpr Duration nanoseconds(std::int64_t n) { return Duration(n); }
    static constexpr Duration microseconds(std::int64_t n) { return Duration(n * 1000); }
    static constexpr Duration milliseconds(std::int64_t n) { return Duration(n * 1'000'000); }
    static constexpr Duration seconds(std::int64_t n) { return Duration(n * 1'000'000'000); }

    [[nodiscard]] constexpr std::int64_t count_ns() const { return ns_; }
    [[nodiscard]] constexpr double to_seconds() const { return static_cast<double>(ns_) / 1e9; }
    [[nodiscard]] constexpr double to_milliseconds() const { return static_cast<double>(ns_) / 1e6; }

    friend constexpr auto operator<=>(Duration, Duration) = default;
    friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.ns_ + b.ns_); }
    friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.ns_ - b.ns_); }
    /// Scaled by a factor, rounded towards zero.
    [[nodiscard]] constexpr Duration scaled(double factor) const {
        return Duration(static_cast<std::int64_t>(static_cast<double>(ns_) * factor));
    }

private:
    constexpr explicit Duration(std::int64_t ns) : ns_(ns) {}
    std::int64_t ns_ = 0;
};

/// An instant: nanoseconds since 1970-01-01 00:00 UTC. Zero stands for "unknown".
class Timestamp {
public:
    constexpr Timestamp() = default;
    static constexpr Timestamp from_ns(std::int64_t ns) { return Timestamp(ns); }

    [[nodiscard]] constexpr std::int64_t ns() const { return ns_; }
    [[nodiscard]] constexpr bool known() const { return ns_ != 0; }

    friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
    friend constexpr Duration operator-(Timestamp a, Timestamp b) { return Duration::nanoseconds(a.ns_ - b.ns_); }
    friend constexpr Timestamp operator+(Timestamp a, Duration d) { return Timestamp(a.ns_ + d.count_ns()); }

private:
    constexpr explicit Timestamp(std::int64_t ns) : ns_(ns) {}
    std::int64_t ns_ = 0;
};

/// Where the time comes from. Only shells hold a Clock; the pure core is handed instants.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
};

/// The system's clock: started from the wall clock, advanced by the monotonic one, so that durations
/// are right even when the wall clock is stepped.
const Clock& system_clock();

}  // namespace understudy
