#pragma once

#include "capture/log/log_clock.hpp"
#include "capture/log/log_entry.hpp"

namespace understudy::capture {

/// Reads jsonlog (PostgreSQL 15 and later; docs, "Using JSON-Format Log Output"): one flat object a line. Texts may be
/// of any encoding, which is why a general JSON library cannot read them: a server writes values as the database holds
/// them.
class JsonlogParser final : public LogParser {
public:
    /// The references must outlive the parser.
    JsonlogParser(LogClock& clock, LogEntryHandler& handler) : clock_(clock), handler_(handler) {}

    void feed(BytesView bytes) override;
    void finish() override;

private:
    void parse_line(char* begin, char* end);

    LogClock& clock_;
    LogEntryHandler& handler_;
    Bytes buffer_;
    std::size_t begin_ = 0;    // of what is not parsed yet
    std::size_t scanned_ = 0;  // no line ends before
    std::uint64_t line_ = 1;
    bool too_long_ = false;
    Bytes client_;
};

}  // namespace understudy::capture
