#include "capture/log/log_message.hpp"

#include <algorithm>

namespace understudy::capture {
namespace {

constexpr std::int64_t kNanosPerMilli = 1'000'000;
constexpr std::int64_t kMaxMillis = INT64_MAX / kNanosPerMilli / 2;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool take(BytesView& text, BytesView prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// Takes "12.345 ms".
std::optional<Duration> take_duration(BytesView& text) {
    std::int64_t millis = 0;
    std::size_t at = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
        if (millis > kMaxMillis / 10 - 10) return std::nullopt;
        millis = millis * 10 + (text[at] - '0');
    }
    if (at == 0) return std::nullopt;
    std::int64_t nanos = millis * kNanosPerMilli;
    if (at < text.size() && text[at] == '.') {
        std::int64_t unit = kNanosPerMilli;
        for (++at; at < text.size() && is_digit(text[at]); ++at) {
            unit /= 10;
            nanos += (text[at] - '0') * unit;
        }
    }
    text.remove_prefix(at);
    if (!take(text, " ms")) return std::nullopt;
    return Duration::nanoseconds(nanos);
}

/// "S_1/C_2: SQL" of a parse, bind or execute. A name holds no ": " and a portal no "/", as far as drivers go.
bool read_target(BytesView rest, LogMessage& message) {
    const std::size_t colon = rest.find(": ");
    if (colon == BytesView::npos) return false;
    message.name = rest.substr(0, colon);
    message.sql = rest.substr(colon + 2);
    if (const std::size_t slash = message.name.rfind('/'); slash != BytesView::npos) {
        message.portal = message.name.substr(slash + 1);
        message.name = message.name.substr(0, slash);
    }
    if (message.name == "<unnamed>") message.name = {};
    return true;
}

/// What follows a duration, or stands alone.
LogWhat read_action(BytesView rest, LogMessage& message) {
    if (take(rest, "statement: ")) {
        message.sql = rest;
        return LogWhat::statement;
    }
    if (take(rest, "execute fetch from ")) return read_target(rest, message) ? LogWhat::fetch : LogWhat::other;
    if (take(rest, "execute ")) return read_target(rest, message) ? LogWhat::execute : LogWhat::other;
    if (rest.starts_with("fastpath function call: ")) return LogWhat::function_call;
    if (!message.duration) return LogWhat::other;
    if (take(rest, "parse ")) return read_target(rest, message) ? LogWhat::parse : LogWhat::other;
    if (take(rest, "bind ")) return read_target(rest, message) ? LogWhat::bind : LogWhat::other;
    return rest.starts_with("plan:") ? LogWhat::plan : LogWhat::other;
}

/// What stands in `message` behind `label` and before the first of the labels that may follow.
BytesView labelled(BytesView message, BytesView label) {
    const std::size_t at = message.find(label);
    if (at == BytesView::npos) return {};
    BytesView value = message.substr(at + label.size());
    for (const BytesView next : {" database=", " application_name=", " SSL enabled (", " GSS ("}) {
        if (next != label) value = value.substr(0, value.find(next));
    }
    return value;
}

/// Where the literal that opens before `at` has its closing quote; doubled quotes belong to it.
std::size_t closing_quote(BytesView text, std::size_t at, bool& doubled) {
    while (true) {
        at = text.find('\'', at);
        if (at == BytesView::npos || at + 1 >= text.size() || text[at + 1] != '\'') return at;
        doubled = true;
        at += 2;
    }
}

Bytes without_doubled_quotes(BytesView text) {
    Bytes plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        plain.push_back(text[at]);
        if (text[at] == '\'') ++at;
    }
    return plain;
}

bool is_truncated(BytesView raw, std::size_t length, std::optional<int> max_length) {
    if (!raw.ends_with("...")) return false;
    if (!max_length) return true;
    if (*max_length <= 0) return false;
    // It is cut at whole characters, of at most four bytes.
    const std::size_t kept = length - 3;
    const auto limit = static_cast<std::size_t>(*max_length);
    return kept <= limit && kept + 4 > limit;
}

std::size_t find_word(BytesView text, BytesView word, std::size_t from) {
    const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), word.begin(),
                                   word.end(), [](char a, char b) { return lower(a) == b; });
    return found == text.end() ? BytesView::npos : static_cast<std::size_t>(found - text.begin());
}

}  // namespace

LogMessage read_log_message(BytesView text) {
    LogMessage message;
    if (take(text, "duration: ")) {
        message.duration = take_duration(text);
        if (!message.duration) return message;
        if (text.empty()) {
            message.what = LogWhat::duration;
        } else if (take(text, "  ")) {
            message.what = read_action(text, message);
        }
        return message;
    }
    message.what = read_action(text, message);
    if (message.what != LogWhat::other) return message;
    if (text.starts_with("connection received: ")) message.what = LogWhat::received;
    if (text.starts_with("connection authenticated: ")) message.what = LogWhat::authenticated;
    if (text.starts_with("connection authorized: ")) message.what = LogWhat::authorized;
    if (text.starts_with("replication connection authorized: ")) message.what = LogWhat::replication;
    if (text.starts_with("disconnection: session time: ")) message.what = LogWhat::disconnection;
    return message;
}

BytesView authorized_application(BytesView message) { return labelled(message, " application_name="); }
BytesView authorized_user(BytesView message) { return labelled(message, " user="); }
BytesView authorized_database(BytesView message) { return labelled(message, " database="); }

std::optional<LogParameters> read_log_parameters(BytesView text, std::optional<int> max_length) {
    LogParameters parameters;
    while (true) {
        if (!take(text, "$")) return std::nullopt;
        std::size_t number = 0;
        std::size_t at = 0;
        for (; at < text.size() && at < 6 && is_digit(text[at]); ++at) {
            number = number * 10 + static_cast<std::size_t>(text[at] - '0');
        }
        if (number != parameters.values.size() + 1) return std::nullopt;
        text.remove_prefix(at);
        if (take(text, " = NULL")) {
            parameters.values.emplace_back(std::nullopt);
        } else if (take(text, " = '")) {
            bool doubled = false;
            const std::size_t end = closing_quote(text, 0, doubled);
            if (end == BytesView::npos) return std::nullopt;
            const BytesView raw = text.substr(0, end);
            Bytes value = doubled ? without_doubled_quotes(raw) : Bytes(raw);
            if (is_truncated(raw, value.size(), max_length)) parameters.truncated = true;
            parameters.values.emplace_back(std::move(value));
            text.remove_prefix(end + 1);
        } else {
            return std::nullopt;
        }
        if (text.empty()) return parameters;
        if (!take(text, ", ")) return std::nullopt;
    }
}

std::optional<BytesView> parameters_of_detail(BytesView detail) {
    if (take(detail, "parameters: ") || take(detail, "Parameters: ")) return detail;
    return std::nullopt;
}

std::optional<BytesView> parameters_of_context(BytesView context) {
    const BytesView label = " with parameters: ";
    const std::size_t at = context.rfind(label);  // it is the outermost context, so the last line
    if (at == BytesView::npos) return std::nullopt;
    const std::size_t line = context.rfind('\n', at);
    const BytesView before = context.substr(line == BytesView::npos ? 0 : line + 1);
    if (!before.starts_with("unnamed portal") && !before.starts_with("portal \"")) return std::nullopt;
    return context.substr(at + label.size());
}

bool has_placeholder(BytesView sql) {
    bool quoted = false;
    for (std::size_t at = 0; at < sql.size(); ++at) {
        if (sql[at] == '\'') quoted = !quoted;
        const bool follows_name =
            at > 0 && (is_digit(sql[at - 1]) || (lower(sql[at - 1]) >= 'a' && lower(sql[at - 1]) <= 'z'));
        if (!quoted && sql[at] == '$' && !follows_name && at + 1 < sql.size() && is_digit(sql[at + 1])) return true;
    }
    return false;
}

bool copies_from_client(BytesView sql) {
    const std::size_t copy = find_word(sql, "copy", 0);
    if (copy == BytesView::npos) return false;
    const std::size_t from = find_word(sql, "from", copy);
    return from != BytesView::npos && find_word(sql, "stdin", from) != BytesView::npos;
}

}  // namespace understudy::capture
