#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/model/event.hpp"

namespace understudy::app {

/// "90", "90s", "1.5m", "2h", "250ms". Errors: Errc::usage.
Result<Duration> parse_duration(const std::string& text);
/// "500000", "500MB", "2GB", "64MiB": bytes. Errors: Errc::usage.
Result<std::uint64_t> parse_size(const std::string& text);
/// "digest", "sample" or "full".
Result<ResultsPolicy> parse_policy(const std::string& text);
/// "a=b" into its two halves.
Result<std::pair<std::string, std::string>> parse_mapping(const std::string& text);

/// Set by SIGINT and SIGTERM once watch_for_stop() was called; a second signal ends the program at once.
void watch_for_stop();
bool stop_requested();
/// Set by SIGHUP, which then no longer ends the program. take_hangup() answers once for each.
void watch_for_hangup();
bool take_hangup();

/// "1.5 MB", "3,200", "2m 05s": for people.
std::string human_bytes(std::uint64_t bytes);
std::string human_count(std::uint64_t count);
std::string human_duration(Duration duration);

}  // namespace understudy::app
