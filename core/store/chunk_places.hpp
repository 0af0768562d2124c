#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "core/base/time.hpp"
#include "core/model/ids.hpp"

namespace understudy::store {

/// What the short records of a chunk lean on (docs/capture-file.md, "Short records"): the time of the last one, and
/// each session's number in the chunk and last ordinal. Writer and reader keep the same. Memory: bounded by the chunk's
/// records.
class ChunkPlaces {
public:
    void begin(Timestamp base) {
        time_ = base;
        sessions_.clear();
        numbers_.clear();
        newest_ = 0;
    }
    [[nodiscard]] Timestamp time() const { return time_; }
    /// The session's number, from 1; 0 for one that is new in the chunk.
    [[nodiscard]] std::uint32_t number_of(SessionId session) {
        if (newest_ != 0 && sessions_[newest_ - 1].id == session) return newest_;
        const auto found = numbers_.find(session.value());
        return found == numbers_.end() ? 0 : found->second;
    }
    [[nodiscard]] bool has(std::uint32_t number) const { return number != 0 && number <= sessions_.size(); }
    [[nodiscard]] SessionId session(std::uint32_t number) const { return sessions_[number - 1].id; }
    /// Of the session's last record; 0 for a new one (`number` 0).
    [[nodiscard]] std::uint32_t ordinal(std::uint32_t number) const {
        return number == 0 ? 0 : sessions_[number - 1].ordinal;
    }
    /// A record was written or read.
    void note(std::uint32_t number, SessionId session, std::uint32_t ordinal, Timestamp time) {
        time_ = time;
        if (number == 0) {
            sessions_.push_back({session, ordinal});
            number = static_cast<std::uint32_t>(sessions_.size());
            numbers_.insert_or_assign(session.value(), number);
        }
        sessions_[number - 1].ordinal = ordinal;
        newest_ = number;
    }

private:
    struct Session {
        SessionId id;
        std::uint32_t ordinal;
    };
    Timestamp time_;
    std::vector<Session> sessions_;                                    // by number
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> numbers_;  // by session
    std::uint32_t newest_ = 0;                                         // that the last record was of
};

}  // namespace understudy::store
