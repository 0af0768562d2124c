#include "capture/log/log_format.hpp"

#include <algorithm>

#include "capture/log/log_clock.hpp"

namespace understudy::capture {
namespace {

/// "2026-03-01 12:00:00.123 CET," and then a quoted name or nothing.
bool begins_csv(BytesView line) {
    const std::size_t time = log_time_length(line);
    if (time == 0 || time + 1 >= line.size() || line[time] != ',') return false;
    return std::count(line.begin(), line.end(), ',') > 10 && (line[time + 1] == '"' || line[time + 1] == ',');
}

}  // namespace

std::string_view to_string(LogFormat format) {
    switch (format) {
        case LogFormat::csv: return "csvlog";
        case LogFormat::json: return "jsonlog";
        case LogFormat::text: break;
    }
    return "stderr";
}

LogFormat log_format_of(BytesView beginning) {
    while (!beginning.empty()) {
        const BytesView line = beginning.substr(0, beginning.find('\n'));
        beginning.remove_prefix(std::min(beginning.size(), line.size() + 1));
        if (line.starts_with("{\"timestamp\":")) return LogFormat::json;
        if (begins_csv(line)) return LogFormat::csv;
    }
    return LogFormat::text;
}

}  // namespace understudy::capture
