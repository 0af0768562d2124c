#pragma once

#include "capture/log/line_prefix.hpp"

namespace understudy::capture {

/// Reads a server's stderr log. An entry is a line with a severity, the lines that belong to it (DETAIL, STATEMENT …,
/// each with a prefix of its own) and lines that continue those: without a prefix, and usually with a tab, which the
/// server puts in front of each line of a text but the first.
class StderrParser final : public LogParser {
public:
    /// The references must outlive the parser.
    StderrParser(const LinePrefix& prefix, LogClock& clock, LogEntryHandler& handler)
        : prefix_(prefix), clock_(clock), handler_(handler) {}

    void feed(BytesView bytes) override;
    void finish() override;

private:
    void on_line(BytesView line);
    void begin(const LogEntry& entry, const LinePrefix::Match& match);
    void append(Bytes& text, BytesView more);
    void emit();
    Bytes* section(BytesView severity);

    const LinePrefix& prefix_;
    LogClock& clock_;
    LogEntryHandler& handler_;
    Bytes buffer_;
    std::size_t begin_ = 0;    // of what is not parsed yet
    std::size_t scanned_ = 0;  // no line ends before
    std::uint64_t line_ = 1;

    bool crlf_ = false;  // lines end as on Windows; else a \r belongs to a value
    bool open_ = false;  // an entry is being gathered
    bool too_long_ = false;
    bool in_skip_ = false;
    LogEntry entry_;
    Bytes* current_ = nullptr;  // what a continuing line belongs to
    std::size_t size_ = 0;
    Bytes prefix_text_, severity_, message_, detail_, hint_, internal_query_, context_, statement_, location_, ignored_;
};

}  // namespace understudy::capture
