#pragma once

#include <optional>
#include <string>

#include "core/base/time.hpp"

namespace understudy::app::service {

/// What came of one attempt.
struct HookAnswer {
    int status = 0;  ///< 0: there was no answer
    std::optional<Duration> retry_after;
    std::string body;
    std::string why;  ///< of no answer
};

/// How a delivery goes on.
struct HookNext {
    bool delivered = false;
    std::optional<Duration> pause;  ///< before the next attempt; nothing: there is none
};

/// What is wrong with a request stays wrong, so a 4xx ends it, but for 408, 425 and 429 (RFC 9110 section 15.5, RFC 6585),
/// and 403 where it says when to come back (GitHub's secondary rate limits); a redirect ends it, since it may lead anywhere.
/// Anything else is tried again, after 1, 4, 16 … seconds, five minutes at most, or after what Retry-After asks for, until the
/// pauses would be longer than `patience` together. `attempts`: made so far; `waited`: the pauses so far.
HookNext next_attempt(const HookAnswer& answer, unsigned attempts, Duration waited, Duration patience);

/// Retry-After as a number of seconds (RFC 9110 section 10.2.3); a date, and what is beyond a day, gives nothing.
std::optional<Duration> parse_retry_after(const std::string& text);

}  // namespace understudy::app::service
