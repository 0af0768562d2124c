#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::capture {

/// The formats of log_destination (PostgreSQL docs, "Error Reporting and Logging").
enum class LogFormat : std::uint8_t { csv, json, text };

/// An entry of a server's log. Empty fields are those that the format, the line prefix or the event lacks. Views are
/// valid during LogEntryHandler::on_entry.
struct LogEntry {
    std::uint64_t line = 0;  ///< where it begins in its file, from 1
    Timestamp time;          ///< when it was written; unknown where the log does not say
    std::uint32_t process_id = 0;
    BytesView session;  ///< start and process id in hexadecimal, as %c
    BytesView user;
    BytesView database;
    BytesView client;  ///< "10.0.0.7:51234", "[local]"
    BytesView application;
    BytesView activity;             ///< what ps shows (%i): "idle", "SELECT", "BIND" …
    BytesView virtual_transaction;  ///< "3/0": backend and local id
    BytesView backend_type;
    BytesView severity;
    BytesView sqlstate;
    BytesView message;
    BytesView detail;
    BytesView hint;
    BytesView internal_query;
    BytesView context;
    BytesView statement;  ///< that the entry is about, as an error's STATEMENT
    std::uint32_t position = 0;
    std::uint32_t internal_position = 0;
};

/// Longer entries are skipped and counted. A capture file takes messages up to 8 MiB in one Request.
inline constexpr std::size_t kMaxLogEntry = 8U << 20U;

/// Receives what a parser finds, in the file's order.
class LogEntryHandler {
public:
    virtual ~LogEntryHandler() = default;
    virtual void on_entry(const LogEntry& entry) = 0;
    /// Something that is no entry begins in `line`; `reason` is a literal such as "unparsed line".
    virtual void on_skipped(BytesView reason, std::uint64_t line) = 0;
};

/// Turns the bytes of one log file into entries. Never fails: what it cannot read it reports as skipped. Memory: one
/// entry of at most kMaxLogEntry and one piece of input.
class LogParser {
public:
    virtual ~LogParser() = default;
    virtual void feed(BytesView bytes) = 0;
    /// The file ended.
    virtual void finish() = 0;
};

/// How many lines end in `text`.
inline std::uint64_t count_newlines(BytesView text) {
    std::uint64_t count = 0;
    for (const char* at = text.data(); !text.empty(); ++count) {
        const std::size_t left = text.size() - static_cast<std::size_t>(at - text.data());
        at = left == 0 ? nullptr : static_cast<const char*>(std::memchr(at, '\n', left));
        if (at == nullptr) break;
        ++at;
    }
    return count;
}

}  // namespace understudy::capture
