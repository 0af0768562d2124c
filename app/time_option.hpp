#pragma once

#include <string>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::app {

/// An instant as a user gives it: absolute, or counted from a capture's start.
class TimeOption {
public:
    /// "2024-02-29T12:34:56.5Z", with an offset such as +02:00, without one in UTC, a space for the T, seconds left out
    /// (ISO 8601); or from the capture's start: "+90s", "90s", "10m", "1.5h". Errors: Errc::usage.
    static Result<TimeOption> parse(const std::string& text);

    TimeOption() = default;
    [[nodiscard]] bool given() const { return given_; }
    /// Unknown when the option was not given.
    [[nodiscard]] Timestamp resolve(Timestamp start) const;

private:
    bool given_ = false;
    Timestamp absolute_;  // unknown: relative
    Duration relative_;
};

}  // namespace understudy::app
