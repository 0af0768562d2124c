#pragma once

#include <map>
#include <unordered_map>

#include "compare/analysis/statement_context.hpp"

namespace understudy::compare {

/// Takes what a gatherer finds whole.
class ExchangeListener {
public:
    virtual ~ExchangeListener() = default;
    virtual void on_exchange(Side side, ObservedExchange&& exchange) = 0;
    /// The session has no further exchanges on this side; `why` says how it ended there.
    virtual void on_session_end(Side side, SessionId session, const Bytes& why) = 0;
};

/// What a capture says of itself besides exchanges.
struct CaptureNotes {
    std::uint64_t events = 0;
    std::uint64_t exchanges = 0;
    std::uint64_t gaps = 0;
    std::uint64_t gap_bytes = 0;
    std::map<std::string, std::uint64_t> losses;  ///< counters named "loss.…"
    std::uint64_t impersonated = 0;               ///< sessions whose privileges were approximate (--impersonate)
    std::uint64_t dropped_steps = 0;              ///< results past kMaxSteps, or out of their order
};

/// Gathers the records of one capture into exchanges: a Request opens one, the Response with a ReadyForQuery ends it,
/// the end of the session or of the capture ends the others. Exchanges of a session are handed out in their order.
/// Memory: the exchanges that are open.
class ExchangeGatherer {
public:
    static constexpr std::size_t kMaxSteps = 1U << 18U;  ///< of one exchange

    /// Requests are read for contexts only on the baseline.
    ExchangeGatherer(Side side, ExchangeListener& listener) : side_(side), listener_(listener) {}

    void take(Event&& event);
    /// The capture ended.
    void finish();
    [[nodiscard]] const CaptureNotes& notes() const { return notes_; }

private:
    using OpenExchanges = std::map<Ordinal, ObservedExchange>;
    ObservedExchange& open(SessionId session, Ordinal ordinal);
    void on_request(Request& request);
    void on_response(Response& response);
    void deliver_through(SessionId session, Ordinal last);

    Side side_;
    ExchangeListener& listener_;
    StatementContexts contexts_;
    std::unordered_map<SessionId, OpenExchanges> open_;
    std::unordered_map<SessionId, std::pair<Ordinal, StepIndex>> parted_;  // the step whose rows came in RowParts
    CaptureNotes notes_;
};

}  // namespace understudy::compare
