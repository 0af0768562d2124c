#pragma once

#include <unordered_map>

#include "core/model/event.hpp"

namespace understudy::replay {

/// How far an interrupted replay got in each session: up to the last answer after which no transaction was open.
///
/// Drive it: on_event() for the events of the earlier answers in order.
class ResumePoints {
public:
    void on_event(const Event& event);

    /// Exchanges below this ordinal are answered; 0 for a session that the earlier replay did not get to.
    [[nodiscard]] std::uint64_t done(SessionId session) const;
    /// The session came to its end.
    [[nodiscard]] bool is_finished(SessionId session) const;
    /// Whether a record of the earlier answers stands for what is done: it is kept, and all others happen again.
    [[nodiscard]] bool keeps(const Event& event) const;
    [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
    [[nodiscard]] std::uint64_t exchanges() const;

private:
    struct Session {
        std::uint64_t done = 0;
        bool finished = false;
    };
    std::unordered_map<SessionId, Session> sessions_;
};

}  // namespace understudy::replay
