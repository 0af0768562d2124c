#include "capture/log/csvlog_parser.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace understudy::capture {
namespace {

constexpr std::size_t kMinFields = 23;
constexpr std::size_t kMaxFields = 40;

enum Column : std::size_t {
    log_time = 0,
    user_name = 1,
    database_name = 2,
    process_id = 3,
    connection_from = 4,
    session_id = 5,
    command_tag = 7,
    virtual_transaction_id = 9,
    error_severity = 11,
    sql_state_code = 12,
    message = 13,
    detail = 14,
    hint = 15,
    internal_query = 16,
    internal_query_pos = 17,
    context = 18,
    query = 19,
    query_pos = 20,
    application_name = 22,
    backend_type = 23,
};

std::uint32_t number(BytesView text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Removes the second of each two quotes, in place.
std::size_t undouble(char* text, std::size_t size) {
    std::size_t out = 0;
    for (std::size_t at = 0; at < size; ++at) {
        text[out++] = text[at];
        if (text[at] == '"') ++at;
    }
    return out;
}

}  // namespace

void CsvlogParser::feed(BytesView bytes) {
    if (begin_ > 0) buffer_.erase(0, begin_);
    begin_ = 0;
    buffer_.append(bytes);
    if (buffer_.size() < wanted_) return;
    parse(false);
}

void CsvlogParser::finish() {
    parse(true);
    if (begin_ < buffer_.size()) handler_.on_skipped("cut off at the file's end", line_);
    buffer_.clear();
    begin_ = 0;
}

/// Splits the record at `at` into fields_; `next` is set where it ends. `more`: the bytes end first.
CsvlogParser::Split CsvlogParser::split(char* at, char* end, char*& next) {
    fields_.clear();
    while (true) {
        if (fields_.size() == kMaxFields) return Split::malformed;
        Field field{at, 0, false};
        if (at < end && *at == '"') {
            field.begin = ++at;
            while (true) {
                at = static_cast<char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
                if (at == nullptr || at + 1 == end) return Split::more;
                if (at[1] != '"') break;
                field.doubled = true;
                at += 2;
            }
            field.size = static_cast<std::size_t>(at - field.begin);
            ++at;
        } else {
            while (at < end && *at != ',' && *at != '\n' && *at != '"') ++at;
            field.size = static_cast<std::size_t>(at - field.begin);
        }
        fields_.push_back(field);
        if (at == end) return Split::more;
        if (*at == '\r') {
            if (at + 1 == end) return Split::more;
            ++at;
        }
        if (*at == '\n') {
            next = at + 1;
            return fields_.size() < kMinFields ? Split::malformed : Split::whole;
        }
        if (*at != ',') return Split::malformed;
        ++at;
    }
}

BytesView CsvlogParser::field(std::size_t index) {
    if (index >= fields_.size()) return {};
    Field& field = fields_[index];
    if (field.doubled) {
        field.size = undouble(field.begin, field.size);
        field.doubled = false;
    }
    return {field.begin, field.size};
}

/// Hands over what was split. False when its time is none.
bool CsvlogParser::emit() {
    const auto time = clock_.read(field(log_time));
    if (!time) return false;
    LogEntry entry;
    entry.line = line_;
    entry.time = *time;
    entry.user = field(user_name);
    entry.database = field(database_name);
    entry.process_id = number(field(process_id));
    entry.client = field(connection_from);
    entry.session = field(session_id);
    entry.activity = field(command_tag);
    entry.virtual_transaction = field(virtual_transaction_id);
    entry.severity = field(error_severity);
    entry.sqlstate = field(sql_state_code);
    entry.message = field(message);
    entry.detail = field(detail);
    entry.hint = field(hint);
    entry.internal_query = field(internal_query);
    entry.internal_position = number(field(internal_query_pos));
    entry.context = field(context);
    entry.statement = field(query);
    entry.position = number(field(query_pos));
    entry.application = field(application_name);
    entry.backend_type = field(backend_type);
    handler_.on_entry(entry);
    return true;
}

/// Passes over a line. False when its end is not there yet.
bool CsvlogParser::skip_line(char*& at, char* end, BytesView reason) {
    auto* newline = static_cast<char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    const bool endless = newline == nullptr && static_cast<std::size_t>(end - at) > kMaxLogEntry;
    if (newline == nullptr && !endless) return false;
    if (!in_skip_) handler_.on_skipped(reason, line_);
    in_skip_ = newline == nullptr || reason == "unparsed line";
    at = newline == nullptr ? end : newline + 1;
    if (newline != nullptr) ++line_;
    return true;
}

void CsvlogParser::parse(bool at_end) {
    char* const begin = buffer_.data();
    char* const end = begin + buffer_.size();
    char* at = begin + begin_;
    wanted_ = 0;
    while (at < end) {
        char* next = nullptr;
        constexpr std::ptrdiff_t kTime = 24;
        if (end - at < kTime && !at_end) break;
        if (log_time_length({at, static_cast<std::size_t>(std::min<std::ptrdiff_t>(end - at, 48))}) == 0) {
            if (!skip_line(at, end, "unparsed line")) break;
            continue;
        }
        const Split split_as = split(at, end, next);
        if (split_as == Split::more) {
            const auto size = static_cast<std::size_t>(end - at);
            if (size <= kMaxLogEntry) {
                if (!at_end) wanted_ = size * 2;
                break;
            }
            if (!skip_line(at, end, "longer than 8 MiB")) break;
            continue;
        }
        const bool too_long = next != nullptr && static_cast<std::size_t>(next - at) > kMaxLogEntry;
        if (split_as == Split::malformed || too_long || !emit()) {
            if (!skip_line(at, end, too_long ? "longer than 8 MiB" : "malformed entry")) break;
            continue;
        }
        in_skip_ = false;
        line_ += count_newlines({at, static_cast<std::size_t>(next - at)});
        at = next;
    }
    begin_ = static_cast<std::size_t>(at - begin);
}

}  // namespace understudy::capture
