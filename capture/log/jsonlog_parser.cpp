#include "capture/log/jsonlog_parser.hpp"

#include <charconv>
#include <cstring>

namespace understudy::capture {
namespace {

/// Reads a flat JSON object (RFC 8259) in place: strings are unescaped where they stand.
class FlatObject {
public:
    FlatObject(char* begin, char* end) : at_(begin), end_(end) {}

    /// The next key and its value; numbers and literals as text. False at the end of the object, and where it is none:
    /// then ok() is false.
    bool next(BytesView& key, BytesView& value) {
        skip_spaces();
        if (at_ == end_) return fail();
        if (first_ && *at_ != '{') return fail();
        if (!first_ && *at_ == '}') return end();
        if (!first_ && *at_ != ',') return fail();
        ++at_;
        skip_spaces();
        if (first_ && at_ != end_ && *at_ == '}') return end();
        first_ = false;
        if (!string(key)) return fail();
        skip_spaces();
        if (at_ == end_ || *at_++ != ':') return fail();
        skip_spaces();
        if (at_ != end_ && *at_ == '"') return string(value) || fail();
        char* const begin = at_;
        while (at_ != end_ && *at_ != ',' && *at_ != '}' && *at_ != '"' && *at_ != '{' && *at_ != '[') ++at_;
        value = {begin, static_cast<std::size_t>(at_ - begin)};
        return !value.empty() || fail();
    }
    [[nodiscard]] bool ok() const { return !failed_; }

private:
    bool fail() {
        failed_ = true;
        return false;
    }
    bool end() {
        ++at_;
        skip_spaces();
        if (at_ != end_) failed_ = true;
        return false;
    }
    void skip_spaces() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r')) ++at_;
    }

    bool string(BytesView& text) {
        if (at_ == end_ || *at_ != '"') return false;
        char* const begin = ++at_;
        while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
        char* out = at_;
        while (at_ != end_ && *at_ != '"') {
            if (*at_ != '\\') {
                *out++ = *at_++;
            } else if (!escape(out)) {
                return false;
            }
        }
        if (at_ == end_) return false;
        ++at_;
        text = {begin, static_cast<std::size_t>(out - begin)};
        return true;
    }

    bool escape(char*& out) {
        if (end_ - at_ < 2) return false;
        const char kind = at_[1];
        at_ += 2;
        switch (kind) {
            case 'n': *out++ = '\n'; return true;
            case 't': *out++ = '\t'; return true;
            case 'r': *out++ = '\r'; return true;
            case 'b': *out++ = '\b'; return true;
            case 'f': *out++ = '\f'; return true;
            case '"':
            case '\\':
            case '/': *out++ = kind; return true;
            case 'u': return unicode(out);
            default: return false;
        }
    }

    bool four_digits(std::uint32_t& code) {
        if (end_ - at_ < 4) return false;
        const auto read = std::from_chars(at_, at_ + 4, code, 16);
        if (read.ptr != at_ + 4 || read.ec != std::errc()) return false;
        at_ += 4;
        return true;
    }

    bool unicode(char*& out) {
        std::uint32_t code = 0;
        if (!four_digits(code)) return false;
        if (code >= 0xD800 && code < 0xDC00 && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
            at_ += 2;
            std::uint32_t low = 0;
            if (!four_digits(low) || low < 0xDC00 || low > 0xDFFF) return false;
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        }
        // As UTF-8, which is never longer than what stood there.
        const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(static_cast<unsigned char>(byte)); };
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xC0U | (code >> 6U));
            put(0x80U | (code & 0x3FU));
        } else if (code < 0x10000) {
            put(0xE0U | (code >> 12U));
            put(0x80U | ((code >> 6U) & 0x3FU));
            put(0x80U | (code & 0x3FU));
        } else {
            put(0xF0U | (code >> 18U));
            put(0x80U | ((code >> 12U) & 0x3FU));
            put(0x80U | ((code >> 6U) & 0x3FU));
            put(0x80U | (code & 0x3FU));
        }
        return true;
    }

    char* at_;
    char* end_;
    bool first_ = true;
    bool failed_ = false;
};

std::uint32_t number(BytesView text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Texts of a LogEntry by their key.
BytesView* text_of(LogEntry& entry, BytesView key) {
    if (key == "user") return &entry.user;
    if (key == "dbname") return &entry.database;
    if (key == "session_id") return &entry.session;
    if (key == "ps") return &entry.activity;
    if (key == "vxid") return &entry.virtual_transaction;
    if (key == "error_severity") return &entry.severity;
    if (key == "state_code") return &entry.sqlstate;
    if (key == "message") return &entry.message;
    if (key == "detail") return &entry.detail;
    if (key == "hint") return &entry.hint;
    if (key == "internal_query") return &entry.internal_query;
    if (key == "context") return &entry.context;
    if (key == "statement") return &entry.statement;
    if (key == "application_name") return &entry.application;
    if (key == "backend_type") return &entry.backend_type;
    return nullptr;
}

}  // namespace

void JsonlogParser::feed(BytesView bytes) {
    if (begin_ > 0) buffer_.erase(0, begin_);
    begin_ = 0;
    buffer_.append(bytes);
    while (true) {
        const std::size_t newline = buffer_.find('\n', scanned_);
        if (newline == Bytes::npos) break;
        if (!too_long_) parse_line(buffer_.data() + begin_, buffer_.data() + newline);
        too_long_ = false;
        ++line_;
        begin_ = scanned_ = newline + 1;
    }
    if (buffer_.size() - begin_ > kMaxLogEntry) {
        if (!too_long_) handler_.on_skipped("longer than 8 MiB", line_);
        too_long_ = true;
        begin_ = buffer_.size();
    }
    scanned_ = buffer_.size() - begin_;  // as it will be once the front is gone
}

void JsonlogParser::finish() {
    if (begin_ < buffer_.size() && !too_long_) handler_.on_skipped("cut off at the file's end", line_);
    buffer_.clear();
    begin_ = scanned_ = 0;
}

void JsonlogParser::parse_line(char* begin, char* end) {
    if (begin == end) return;
    LogEntry entry;
    entry.line = line_;
    BytesView time;
    BytesView host;
    BytesView port;
    FlatObject object(begin, end);
    BytesView key;
    BytesView value;
    while (object.next(key, value)) {
        if (BytesView* text = text_of(entry, key)) {
            *text = value;
        } else if (key == "timestamp") {
            time = value;
        } else if (key == "pid") {
            entry.process_id = number(value);
        } else if (key == "remote_host") {
            host = value;
        } else if (key == "remote_port") {
            port = value;
        } else if (key == "cursor_position") {
            entry.position = number(value);
        } else if (key == "internal_position") {
            entry.internal_position = number(value);
        }
    }
    if (!object.ok()) return handler_.on_skipped("malformed entry", line_);
    const auto at = clock_.read(time);
    if (!at) return handler_.on_skipped("entry without a time", line_);
    entry.time = *at;
    client_.assign(host);
    if (!port.empty()) client_.append(":").append(port);
    entry.client = client_;
    handler_.on_entry(entry);
}

}  // namespace understudy::capture
