#include "capture/log/stderr_parser.hpp"

#include <algorithm>
#include <charconv>

namespace understudy::capture {
namespace {

constexpr BytesView kPosition = " at character ";

bool is_error(BytesView severity) { return severity == "ERROR" || severity == "FATAL" || severity == "PANIC"; }

/// Cuts " at character 28" off and returns the number; 0 when it is not there.
std::uint32_t take_position(BytesView& text) {
    const std::size_t at = text.rfind(kPosition);
    if (at == BytesView::npos) return 0;
    const BytesView digits = text.substr(at + kPosition.size());
    std::uint32_t position = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), position);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return 0;
    text = text.substr(0, at);
    return position;
}

/// With log_error_verbosity = verbose: "22012: division by zero".
BytesView take_sqlstate(BytesView& text) {
    const auto in_state = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    if (text.size() < 7 || text.substr(5, 2) != ": " || !std::all_of(text.begin(), text.begin() + 5, in_state)) {
        return {};
    }
    const BytesView state = text.substr(0, 5);
    text.remove_prefix(7);
    return state;
}

}  // namespace

void StderrParser::feed(BytesView bytes) {
    if (begin_ > 0) buffer_.erase(0, begin_);
    begin_ = 0;
    buffer_.append(bytes);
    while (true) {
        const std::size_t newline = buffer_.find('\n', scanned_);
        if (newline == Bytes::npos) break;
        std::size_t end = newline;
        const bool carriage_return = end > begin_ && buffer_[end - 1] == '\r';
        if (line_ == 1) crlf_ = carriage_return;
        if (crlf_ && carriage_return) --end;
        on_line(BytesView(buffer_).substr(begin_, end - begin_));
        ++line_;
        begin_ = scanned_ = newline + 1;
    }
    if (buffer_.size() - begin_ > kMaxLogEntry) {
        too_long_ = open_;
        if (!open_) handler_.on_skipped("longer than 8 MiB", line_);
        begin_ = buffer_.size();
    }
    scanned_ = buffer_.size() - begin_;  // as it will be once the front is gone
}

void StderrParser::finish() {
    if (begin_ < buffer_.size()) {
        // The entry that the cut line continues would be cut too. A line of another entry begins as that one did.
        const BytesView line = BytesView(buffer_).substr(begin_);
        const std::size_t common = std::min<std::size_t>({line.size(), prefix_text_.size(), 4});
        const bool another = common > 0 && line.substr(0, common) == BytesView(prefix_text_).substr(0, common);
        if (another) emit();
        open_ = false;
        handler_.on_skipped("cut off at the file's end", line_);
    }
    emit();
    buffer_.clear();
    begin_ = scanned_ = 0;
}

Bytes* StderrParser::section(BytesView severity) {
    if (severity == "DETAIL") return &detail_;
    if (severity == "HINT") return &hint_;
    if (severity == "CONTEXT") return &context_;
    if (severity == "STATEMENT") return &statement_;
    if (severity == "QUERY") return &internal_query_;
    if (severity == "LOCATION") return &location_;
    return &ignored_;
}

void StderrParser::append(Bytes& text, BytesView more) {
    size_ += more.size() + 1;
    if (size_ > kMaxLogEntry) too_long_ = true;
    if (!too_long_) text.append(more);
}

void StderrParser::on_line(BytesView line) {
    LogEntry entry;
    LinePrefix::Match match;
    const bool continues = line.starts_with('\t');
    if (!continues && prefix_.match(line, clock_, entry, match)) {
        in_skip_ = false;
        if (!is_secondary(match.severity)) return begin(entry, match);
        const bool same = open_ && entry.process_id == entry_.process_id && entry.session == entry_.session;
        if (!same) return handler_.on_skipped("line of an entry that is not there", line_);
        current_ = section(match.severity);
        current_->clear();
        return append(*current_, match.rest);
    }
    if (open_ && current_ != nullptr) {
        append(*current_, "\n");
        return append(*current_, continues ? line.substr(1) : line);
    }
    if (line.empty()) return;
    if (!in_skip_) handler_.on_skipped("unparsed line", line_);
    in_skip_ = true;
}

void StderrParser::begin(const LogEntry& entry, const LinePrefix::Match& match) {
    emit();
    open_ = true;
    too_long_ = false;
    size_ = 0;
    for (Bytes* text : {&message_, &detail_, &hint_, &internal_query_, &context_, &statement_, &location_, &ignored_}) {
        text->clear();
    }
    entry_ = entry;
    entry_.line = line_;
    severity_.assign(match.severity);
    // The views have to outlive the buffer that the line stands in.
    const char* const from = match.rest.data() - match.severity.size() - 3 - match.length;
    prefix_text_.assign(from, match.length);
    for (BytesView* view : {&entry_.session, &entry_.user, &entry_.database, &entry_.client, &entry_.application,
                            &entry_.activity, &entry_.virtual_transaction, &entry_.backend_type, &entry_.sqlstate}) {
        if (!view->empty()) {
            *view = BytesView(prefix_text_).substr(static_cast<std::size_t>(view->data() - from), view->size());
        }
    }
    current_ = &message_;
    append(message_, match.rest);
}

void StderrParser::emit() {
    if (!open_) return;
    open_ = false;
    current_ = nullptr;
    if (too_long_) return handler_.on_skipped("longer than 8 MiB", entry_.line);
    BytesView message = message_;
    if (!location_.empty()) {
        const BytesView state = take_sqlstate(message);
        if (entry_.sqlstate.empty()) entry_.sqlstate = state;
    }
    if (is_error(severity_)) {
        entry_.position = take_position(message);
        BytesView query = internal_query_;
        entry_.internal_position = entry_.position > 0 && !query.empty() ? entry_.position : 0;
        if (entry_.internal_position > 0) entry_.position = 0;
        entry_.internal_query = query;
    } else {
        entry_.internal_query = internal_query_;
    }
    entry_.severity = severity_;
    entry_.message = message;
    entry_.detail = detail_;
    entry_.hint = hint_;
    entry_.context = context_;
    entry_.statement = statement_;
    handler_.on_entry(entry_);
}

}  // namespace understudy::capture
