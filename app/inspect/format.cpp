#include "app/inspect/format.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace understudy::app::inspect {
namespace {

/// The length of the UTF-8 character at the start of `bytes` (RFC 3629, section 4); 0 when there is none.
std::size_t character_length(BytesView bytes) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char first = at(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (length == 0 || length > bytes.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xC0U) != 0x80) return 0;
    }
    const bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
    const bool not_assigned = (first == 0xED && at(1) > 0x9F) || (first == 0xF4 && at(1) > 0x8F);
    const bool control = first < 0x20 || first == 0x7F || (first == 0xC2 && at(1) < 0xA0);
    return overlong || not_assigned || control ? 0 : length;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string printable(BytesView bytes, std::size_t max_chars) {
    std::string out;
    std::size_t chars = 0;
    std::size_t cut = 0;  // where `out` has max_chars - 1 characters
    while (!bytes.empty()) {
        if (chars + 1 <= max_chars) cut = out.size();
        std::size_t used = 1;
        if (is_space(bytes[0])) {
            while (used < bytes.size() && is_space(bytes[used])) ++used;
            out.push_back(' ');
            ++chars;
        } else if (const std::size_t length = character_length(bytes); length > 0) {
            used = length;
            out.append(bytes.substr(0, length));
            ++chars;
        } else {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(bytes[0]));
            chars += 4;
        }
        bytes.remove_prefix(used);
        if (chars <= max_chars) continue;
        out.resize(cut);
        out.append("…");
        break;
    }
    return out;
}

std::string duration_text(Duration duration) {
    const auto ns = static_cast<double>(duration.count_ns());
    if (ns < 1e3) return fmt::format("{} ns", duration.count_ns());
    if (ns < 1e6) return fmt::format("{:.1f} µs", ns / 1e3);
    if (ns < 1e9) return fmt::format("{:.2f} ms", ns / 1e6);
    if (ns < 120e9) return fmt::format("{:.2f} s", ns / 1e9);
    const std::int64_t seconds = duration.count_ns() / 1'000'000'000;
    return fmt::format("{} min {} s", seconds / 60, seconds % 60);
}

std::string utc_text(Timestamp time) {
    if (!time.known()) return "unknown";
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(time.ns() / 1'000'000'000)));
}

std::string session_text(SessionId session) { return fmt::format("{:016x}", session.value()); }

std::string count_text(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
    return digits;
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count_text(count), noun, count == 1 ? "" : "s");
}

double milliseconds(Duration duration) { return std::round(static_cast<double>(duration.count_ns()) / 1e3) / 1e3; }

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }
std::string dump_pretty(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

std::string_view key_of(SessionEnd end) {
    switch (end) {
        case SessionEnd::terminate: return "terminate";
        case SessionEnd::connection: return "connection";
        case SessionEnd::refused: return "refused";
        case SessionEnd::still_open: return "still_open";
        case SessionEnd::encrypted: return "encrypted";
        case SessionEnd::not_postgresql: return "not_postgresql";
        case SessionEnd::replication: return "replication";
        case SessionEnd::cancel_request: return "cancel_request";
        case SessionEnd::failed: return "failed";
    }
    return "unknown";
}

std::string_view key_of(StepOutcome outcome) {
    return outcome == StepOutcome::not_sent ? "not_sent" : to_string(outcome);
}

}  // namespace understudy::app::inspect
