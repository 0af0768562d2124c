#pragma once

#include <unordered_map>
#include <vector>

#include "compare/analysis/observed.hpp"

namespace understudy::compare {

/// Follows the requests of all sessions of one capture and knows what each step asks: which statement a Bind means,
/// which portal an Execute. Drive it with the events of the capture in their order. SQL is not parsed here, and texts
/// of named statements are shared, so that a thousand sessions with the same statements cost little.
class StatementContexts {
public:
    static constexpr std::size_t kMaxNames = 100'000;         ///< statements, or portals, of one session
    static constexpr std::size_t kMaxTextBytes = 1U << 20U;   ///< kept of one statement
    static constexpr std::size_t kMaxBindBytes = 64U << 10U;  ///< longer ones are not kept

    void on_state(const SessionState& state);
    /// Appends the contexts of the steps that begin in this request.
    void on_request(const Request& request, std::vector<StepContext>& out);
    void on_closed(SessionId session);

private:
    struct Session {
        std::unordered_map<Bytes, StatementTextPtr> statements;
        std::unordered_map<Bytes, BoundPortalPtr> portals;
        std::size_t skip = 0;  // bytes of a frame that began in an earlier Request
        ExchangeId skipping;
    };
    StatementTextPtr share(StatementText&& text);
    void on_frame(Session& session, char tag, BytesView body, bool cut, StepContext& context);

    std::unordered_map<SessionId, Session> sessions_;
    std::unordered_map<std::size_t, std::weak_ptr<const StatementText>> shared_;
    std::size_t purge_at_ = 1024;
};

}  // namespace understudy::compare
