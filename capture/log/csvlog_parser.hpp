#pragma once

#include <vector>

#include "capture/log/log_clock.hpp"
#include "capture/log/log_entry.hpp"

namespace understudy::capture {

/// Reads csvlog of PostgreSQL 9.0 and later (docs, "Using CSV-Format Log Output"): 23 columns, 24 from 13 on, 26 from
/// 14 on; later ones may append more. What does not begin with a time, has fewer columns or is quoted wrongly is
/// skipped line by line, so a file may begin in the middle of an entry.
class CsvlogParser final : public LogParser {
public:
    /// The references must outlive the parser.
    CsvlogParser(LogClock& clock, LogEntryHandler& handler) : clock_(clock), handler_(handler) {}

    void feed(BytesView bytes) override;
    void finish() override;

private:
    struct Field {
        char* begin = nullptr;
        std::size_t size = 0;
        bool doubled = false;  ///< holds doubled quotes
    };
    enum class Split : std::uint8_t { whole, more, malformed };

    void parse(bool at_end);
    Split split(char* begin, char* end, char*& next);
    bool emit();
    bool skip_line(char*& at, char* end, BytesView reason);
    BytesView field(std::size_t index);

    LogClock& clock_;
    LogEntryHandler& handler_;
    Bytes buffer_;
    std::size_t begin_ = 0;   // of what is not parsed yet
    std::size_t wanted_ = 0;  // parse again when so much is there
    std::uint64_t line_ = 1;
    std::vector<Field> fields_;
    bool in_skip_ = false;  // lines of something unreadable are reported once
};

}  // namespace understudy::capture
