#pragma once

#include <cstdint>
#include <vector>

#include "core/model/event.hpp"

namespace understudy::capture {

/// Puts events in order of time before they go on. A log tells of a statement when it ends, if it has only durations,
/// and then its request belongs before what was logged meanwhile. Events are held for kHold of the log's time, and as
/// many as kMaxHeld; what is older than that comes out at once, out of order, and is counted. Events of one session
/// come out as they were put in if their keys do not decrease.
class TimeOrder {
public:
    static constexpr Duration kHold = Duration::seconds(10);
    static constexpr std::size_t kMaxHeld = 16'384;
    /// What the capture file allows without being called late (docs/capture-file.md, "Records").
    static constexpr Duration kWindow = Duration::seconds(2);

    /// `sink` must outlive the object.
    explicit TimeOrder(EventSink& sink) : sink_(sink) {}

    void push(Timestamp key, Event&& event);
    /// The log has come to `now`.
    void advance(Timestamp now);
    void flush();
    /// Events that came out more than kWindow behind one of a later time.
    [[nodiscard]] std::uint64_t late() const { return late_; }

private:
    struct Held {
        Timestamp key;
        std::uint64_t number;
        std::uint32_t slot;
        friend bool operator<(const Held& a, const Held& b) {
            return a.key != b.key ? a.key > b.key : a.number > b.number;
        }
    };
    void release();

    EventSink& sink_;
    std::vector<Held> heap_;
    std::vector<Event> slots_;
    std::vector<std::uint32_t> free_;
    std::uint64_t number_ = 0;
    std::uint64_t late_ = 0;
    Timestamp released_;
};

}  // namespace understudy::capture
