#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/model/event.hpp"

namespace understudy::app::inspect {

/// Keeps the fields in the order in which they are set.
using Json = nlohmann::ordered_json;

/// Of every JSON document that inspect writes; see docs/inspect.md.
inline constexpr int kJsonFormatVersion = 2;

/// Captured bytes as one line that does nothing to a terminal: white space collapsed, control characters and
/// what is not UTF-8 as \xNN, cut to `max_chars` characters with "…" as the last.
std::string printable(BytesView bytes, std::size_t max_chars = std::string::npos);
/// "850 ns", "12.3 µs", "4.56 ms", "7.89 s", "12 min 3 s".
std::string duration_text(Duration duration);
/// "2024-02-29 12:34:56 UTC"; "unknown" for an unknown time.
std::string utc_text(Timestamp time);
/// Sixteen hexadecimal digits.
std::string session_text(SessionId session);
/// With thousands separated: "1,234,567".
std::string count_text(std::uint64_t count);
/// "1 chunk", "2 chunks".
std::string counted(std::uint64_t count, std::string_view noun);

/// To a thousandth, since a capture's clock is not finer than a microsecond.
double milliseconds(Duration duration);
/// One line. Bytes that are not UTF-8 become U+FFFD.
std::string dump(const Json& json);
/// Several lines, indented.
std::string dump_pretty(const Json& json);

/// Names in JSON, stable: "terminate", "still_open" …; "not_sent", "suspended" ….
std::string_view key_of(SessionEnd end);
std::string_view key_of(StepOutcome outcome);

}  // namespace understudy::app::inspect
