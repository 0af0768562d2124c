#pragma once

#include <string>
#include <utility>
#include <vector>

#include "capture/log/log_entry.hpp"

namespace understudy::capture::testing {

/// An entry with texts of its own.
struct KeptEntry {
    std::uint64_t line = 0;
    Timestamp time;
    std::uint32_t process_id = 0;
    std::string session, user, database, client, application, activity, severity, sqlstate, message, detail, hint,
        context, statement, virtual_transaction;
    std::uint32_t position = 0;
};

class CollectedEntries final : public LogEntryHandler {
public:
    void on_entry(const LogEntry& e) override {
        entries.push_back({e.line, e.time, e.process_id, std::string(e.session), std::string(e.user),
                           std::string(e.database), std::string(e.client), std::string(e.application),
                           std::string(e.activity), std::string(e.severity), std::string(e.sqlstate),
                           std::string(e.message), std::string(e.detail), std::string(e.hint), std::string(e.context),
                           std::string(e.statement), std::string(e.virtual_transaction), e.position});
    }
    void on_skipped(BytesView reason, std::uint64_t line) override { skipped.emplace_back(reason, line); }

    std::vector<KeptEntry> entries;
    std::vector<std::pair<std::string, std::uint64_t>> skipped;
};

/// Feeds `text` in pieces of `size` bytes.
inline void feed_in_pieces(LogParser& parser, const std::string& text, std::size_t size) {
    for (std::size_t at = 0; at < text.size(); at += size) parser.feed(BytesView(text).substr(at, size));
    parser.finish();
}

}  // namespace understudy::capture::testing
