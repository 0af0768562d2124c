#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture/log/log_clock.hpp"
#include "capture/log/log_entry.hpp"
#include "core/base/error.hpp"

namespace understudy::capture {

/// A server's log_line_prefix, made ready to read lines (PostgreSQL docs, "log_line_prefix").
class LinePrefix {
public:
    static constexpr std::size_t kMaxLength = 512;  ///< of the setting
    static constexpr std::size_t kMaxText = 2048;   ///< of what it writes

    /// Errors: Errc::usage for a setting that is too long or holds an escape that no PostgreSQL knows.
    static Result<LinePrefix> compile(BytesView setting);

    struct Match {
        std::size_t length = 0;  ///< of the prefix
        BytesView severity;      ///< "LOG", "DETAIL" …
        BytesView rest;          ///< behind "LOG:  "
    };
    /// Whether `line` begins with the prefix and a severity. Fills in what the prefix says; the entry's time stays
    /// unknown where it says none. Among several readings (names may hold what stands between the escapes) the first
    /// one that leads to a severity is taken, with names as short as possible.
    bool match(BytesView line, LogClock& clock, LogEntry& entry, Match& match) const;

    /// How many escapes it has; a prefix that says more is the better guess.
    [[nodiscard]] std::size_t escapes() const { return escapes_; }
    [[nodiscard]] bool has(char escape) const;
    [[nodiscard]] const std::string& setting() const { return setting_; }

private:
    struct Part {
        char escape = 0;  ///< 0: literal
        bool padded = false;
        Bytes literal;
    };
    struct Reading;
    bool match_from(std::size_t part, Reading& reading) const;
    bool match_text(const Part& part, std::size_t index, Reading& reading) const;

    std::string setting_;
    std::vector<Part> parts_;
    std::size_t escapes_ = 0;
};

/// The severity that `text` begins with, as "LOG" of "LOG:  …"; empty when there is none.
BytesView severity_at(BytesView text);
/// Whether lines of this severity belong to the entry before (DETAIL, STATEMENT …).
bool is_secondary(BytesView severity);

}  // namespace understudy::capture
