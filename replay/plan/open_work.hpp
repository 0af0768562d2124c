#pragma once

#include <unordered_map>

#include "core/model/event.hpp"

namespace understudy::replay {

/// Which sessions are inside an exchange or a transaction, as the recording has it.
///
/// Drive it: on_event() in the sessions' own order.
class OpenWork {
public:
    void on_event(const Event& event);
    /// Sessions inside an exchange or a transaction.
    [[nodiscard]] std::uint64_t open() const { return open_; }
    /// Sessions inside a transaction.
    [[nodiscard]] std::uint64_t transactions() const { return transactions_; }
    [[nodiscard]] bool is_open(SessionId session) const;
    [[nodiscard]] bool in_transaction(SessionId session) const;
    /// Whether this exchange had begun.
    [[nodiscard]] bool has_begun(SessionId session, Ordinal ordinal) const;

private:
    struct Session {
        std::uint64_t begun = 0;
        std::uint64_t ended = 0;
        bool in_transaction = false;
        [[nodiscard]] bool open() const { return begun > ended || in_transaction; }
    };
    std::unordered_map<SessionId, Session> sessions_;
    std::uint64_t open_ = 0;
    std::uint64_t transactions_ = 0;
};

}  // namespace understudy::replay
