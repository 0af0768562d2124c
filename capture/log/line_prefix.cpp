#include "capture/log/line_prefix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace understudy::capture {
namespace {

constexpr std::size_t kNone = BytesView::npos;
constexpr int kMaxSteps = 4096;  // of trying, for a line
constexpr BytesView kEscapes = "audbhrpPtmnlicsvxeQq";
constexpr BytesView kFreeText = "audbi";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

template <class Predicate>
std::size_t run_length(BytesView text, std::size_t from, Predicate&& belongs) {
    std::size_t at = from;
    while (at < text.size() && belongs(text[at])) ++at;
    return at - from;
}

/// "6b03af66.6911"
std::size_t session_id_length(BytesView text) {
    const std::size_t start = run_length(text, 0, is_hex);
    if (start < 6 || start > 16 || start >= text.size() || text[start] != '.') return kNone;
    const std::size_t pid = run_length(text, start + 1, is_hex);
    return pid == 0 || pid > 8 ? kNone : start + 1 + pid;
}

/// "10.0.0.7(51234)", "[local]", "host.example(5432)", or nothing.
std::size_t client_length(BytesView text, bool with_port) {
    if (text.starts_with("[local]")) return 7;
    if (text.starts_with("[unknown]")) return 9;
    const auto in_host = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == ':' || c == '-' ||
               c == '_' || c == '%';
    };
    std::size_t length = run_length(text, 0, in_host);
    // A colon may also be what separates it ("%h:").
    while (!with_port && length > 0 && text[length - 1] == ':') --length;
    if (!with_port || length == 0 || length >= text.size() || text[length] != '(') return with_port ? 0 : length;
    const std::size_t port = run_length(text, length + 1, is_digit);
    const std::size_t end = length + 1 + port;
    return end < text.size() && text[end] == ')' ? end + 1 : kNone;
}

/// "3/15", or nothing for a process without a transaction's slot.
std::size_t virtual_length(BytesView text) {
    const std::size_t minus = text.starts_with("-") ? 1 : 0;
    const std::size_t backend = run_length(text, minus, is_digit);
    if (backend == 0) return 0;
    const std::size_t slash = minus + backend;
    if (slash >= text.size() || text[slash] != '/') return kNone;
    return slash + 1 + run_length(text, slash + 1, is_digit);
}

std::size_t sqlstate_length(BytesView text) {
    const auto in_state = [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); };
    return run_length(text.substr(0, 5), 0, in_state) == 5 ? 5 : kNone;
}

/// Length of what an escape of fixed form wrote at the beginning of `text`, or kNone.
std::size_t fixed_length(char escape, BytesView text) {
    switch (escape) {
        case 'm':
        case 't':
        case 's': {
            const std::size_t length = log_time_length(text);
            return length == 0 ? kNone : length;
        }
        case 'n': {
            const std::size_t seconds = run_length(text, 0, is_digit);
            if (seconds < 9 || seconds >= text.size() || text[seconds] != '.') return kNone;
            return seconds + 1 + run_length(text, seconds + 1, is_digit);
        }
        case 'c': return session_id_length(text);
        case 'r': return client_length(text, true);
        case 'h': return client_length(text, false);
        case 'v': return virtual_length(text);
        case 'e': return sqlstate_length(text);
        case 'Q': return run_length(text, text.starts_with("-") ? 1 : 0, is_digit) + (text.starts_with("-") ? 1 : 0);
        case 'P': return run_length(text, 0, is_digit);  // empty for all but parallel workers
        default: {                                       // p, l, x
            const std::size_t digits = run_length(text, 0, is_digit);
            return digits == 0 ? kNone : digits;
        }
    }
}

std::uint32_t number(BytesView text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

BytesView trimmed(BytesView text) {
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

constexpr std::array<BytesView, 15> kSeverities{"LOG",     "ERROR", "STATEMENT", "DETAIL", "WARNING",
                                                "NOTICE",  "INFO",  "FATAL",     "PANIC",  "HINT",
                                                "CONTEXT", "QUERY", "LOCATION",  "DEBUG",  "BACKTRACE"};

}  // namespace

BytesView severity_at(BytesView text) {
    if (text.empty() || text[0] < 'B' || text[0] > 'W') return {};
    for (const BytesView severity : kSeverities) {
        if (!text.starts_with(severity)) continue;
        std::size_t length = severity.size();
        if (severity == "DEBUG" && length < text.size() && is_digit(text[length])) ++length;
        if (text.substr(length).starts_with(":  ")) return text.substr(0, length);
    }
    return {};
}

bool is_secondary(BytesView severity) {
    constexpr std::array<BytesView, 7> kSecondary{"DETAIL", "HINT",     "CONTEXT",  "STATEMENT",
                                                  "QUERY",  "LOCATION", "BACKTRACE"};
    return std::find(kSecondary.begin(), kSecondary.end(), severity) != kSecondary.end();
}

Result<LinePrefix> LinePrefix::compile(BytesView setting) {
    if (setting.size() > kMaxLength) {
        return make_error(Errc::usage, fmt::format("log_line_prefix is longer than {} bytes", kMaxLength));
    }
    LinePrefix prefix;
    prefix.setting_ = std::string(setting);
    const auto literal = [&prefix](char c) {
        if (prefix.parts_.empty() || prefix.parts_.back().escape != 0) prefix.parts_.emplace_back();
        prefix.parts_.back().literal.push_back(c);
    };
    for (std::size_t at = 0; at < setting.size(); ++at) {
        if (setting[at] != '%') {
            literal(setting[at]);
            continue;
        }
        std::size_t letter = at + 1;
        if (letter < setting.size() && setting[letter] == '-') ++letter;
        letter += run_length(setting, letter, is_digit);
        if (letter >= setting.size()) break;  // the server drops a last lone %
        if (setting[letter] == '%') {
            literal('%');
        } else if (kEscapes.find(setting[letter]) != kNone) {
            prefix.parts_.push_back({setting[letter], letter > at + 1, {}});
            if (setting[letter] != 'q') ++prefix.escapes_;
        } else {
            return make_error(Errc::usage, fmt::format("log_line_prefix holds %{}, which is no escape of PostgreSQL's",
                                                       setting[letter]));
        }
        at = letter;
    }
    return prefix;
}

bool LinePrefix::has(char escape) const {
    return std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) { return part.escape == escape; });
}

struct LinePrefix::Reading {
    BytesView rest;
    BytesView severity;
    std::array<BytesView, 128> values{};  // by escape
    int steps = 0;
};

/// A part whose text may hold anything: it ends where the rest of the prefix can be read.
bool LinePrefix::match_text(const Part& part, std::size_t index, Reading& reading) const {
    const BytesView whole = reading.rest.substr(0, kMaxText);
    const bool bounded = index + 1 < parts_.size() && parts_[index + 1].escape == 0;
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        if (bounded) {
            length = whole.find(parts_[index + 1].literal, length);
            if (length == kNone) return false;
        }
        const BytesView before = reading.rest;
        reading.rest.remove_prefix(length);
        if (match_from(index + 1, reading)) {
            reading.values[static_cast<unsigned char>(part.escape)] =
                part.padded ? trimmed(before.substr(0, length)) : before.substr(0, length);
            return true;
        }
        reading.rest = before;
        if (reading.steps > kMaxSteps) return false;
    }
    return false;
}

bool LinePrefix::match_from(std::size_t index, Reading& reading) const {
    for (; index < parts_.size(); ++index) {
        const Part& part = parts_[index];
        if (++reading.steps > kMaxSteps) return false;
        if (part.escape == 0) {
            if (!reading.rest.starts_with(part.literal)) return false;
            reading.rest.remove_prefix(part.literal.size());
            continue;
        }
        if (part.escape == 'q') {
            reading.severity = severity_at(reading.rest);
            if (reading.severity.empty()) continue;
            // What a reading that led nowhere took for the rest of the prefix is not in this line.
            for (; index < parts_.size(); ++index)
                reading.values[static_cast<unsigned char>(parts_[index].escape)] = {};
            return true;
        }
        if (part.padded) reading.rest.remove_prefix(run_length(reading.rest, 0, [](char c) { return c == ' '; }));
        if (kFreeText.find(part.escape) != kNone) return match_text(part, index, reading);
        const std::size_t length = fixed_length(part.escape, reading.rest);
        if (length == kNone) return false;
        reading.values[static_cast<unsigned char>(part.escape)] = reading.rest.substr(0, length);
        reading.rest.remove_prefix(length);
        if (part.padded) reading.rest.remove_prefix(run_length(reading.rest, 0, [](char c) { return c == ' '; }));
    }
    reading.severity = severity_at(reading.rest);
    return !reading.severity.empty();
}

bool LinePrefix::match(BytesView line, LogClock& clock, LogEntry& entry, Match& match) const {
    Reading reading;
    reading.rest = line;
    if (!match_from(0, reading)) return false;
    const auto value = [&reading](char escape) { return reading.values[static_cast<unsigned char>(escape)]; };
    for (const char escape : {'m', 't'}) {
        if (entry.time.known() || value(escape).empty()) continue;
        const auto time = clock.read(value(escape));
        if (!time) return false;
        entry.time = *time;
    }
    if (!entry.time.known() && !value('n').empty()) entry.time = clock.read_epoch(value('n')).value_or(Timestamp());
    entry.session = value('c');
    entry.user = value('u');
    entry.database = value('d');
    entry.application = value('a');
    entry.client = value('r').empty() ? value('h') : value('r');
    entry.activity = value('i');
    entry.virtual_transaction = value('v');
    entry.backend_type = value('b');
    entry.sqlstate = value('e');
    entry.process_id = number(value('p'));
    match.severity = reading.severity;
    match.length = line.size() - reading.rest.size();
    match.rest = reading.rest.substr(reading.severity.size() + 3);
    return true;
}

}  // namespace understudy::capture
