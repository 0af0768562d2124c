#pragma once

#include <deque>
#include <map>
#include <unordered_map>

#include "compare/analysis/gatherer.hpp"

namespace understudy::compare {

/// One exchange as all sides have it.
struct PairedExchange {
    ExchangeId id;
    PerSide<std::optional<ObservedExchange>> sides;
    PerSide<Bytes> missing;  ///< where a side that takes part has none: why
};

class PairListener {
public:
    virtual ~PairListener() = default;
    /// The exchanges of a session come in their order.
    virtual void on_pair(PairedExchange&& pair) = 0;
    virtual void on_session_done(SessionId session) = 0;
};

/// Pairs the exchanges of two to four captures by (session, ordinal), as they are read. An exchange is handed on when
/// every side has it, or can no longer have it: its session ended there, or went on to a later exchange, or the capture
/// ended. Memory is what some side is behind; past the limit the oldest exchanges are handed on without the sides that
/// miss, with "memory limit" as the reason.
class Pairing final : public ExchangeListener {
public:
    static constexpr std::size_t kDefaultMemoryLimit = 512U << 20U;

    Pairing(const PerSide<bool>& taking_part, std::size_t memory_limit, PairListener& listener)
        : taking_part_(taking_part), memory_limit_(memory_limit), listener_(listener) {}

    void on_exchange(Side side, ObservedExchange&& exchange) override;
    void on_session_end(Side side, SessionId session, const Bytes& why) override;
    /// The capture ended.
    void on_side_end(Side side);

    /// How many exchanges wait for this side: the side that most wait for is the one to read next.
    [[nodiscard]] std::size_t awaited(Side side) const { return awaited_[index_of(side)]; }
    [[nodiscard]] std::size_t pending() const { return pending_; }
    [[nodiscard]] std::size_t memory() const { return memory_; }

private:
    struct Pending {
        PerSide<std::optional<ObservedExchange>> sides;
        std::size_t bytes = 0;
    };
    struct Session {
        std::map<Ordinal, Pending> exchanges;
        PerSide<std::uint64_t> reached{};   // ordinals below have come on that side, or never will
        PerSide<std::optional<Bytes>> why;  // the session ended there
        std::uint64_t done = 0;             // ordinals below are handed on
        bool given_up = false;              // some of them because of the memory limit
    };
    void settle(SessionId id, Session& session);
    void hand_on(SessionId id, Session& session, bool giving_up);
    [[nodiscard]] bool may_still_come(const Session& session, std::size_t side, std::uint32_t ordinal) const;
    void give_up_oldest();
    void forget_old_order();

    PerSide<bool> taking_part_;
    PerSide<bool> ended_{};
    std::size_t memory_limit_;
    PairListener& listener_;
    std::unordered_map<SessionId, Session> sessions_;
    std::deque<ExchangeId> order_;  // in which they came; those handed on are dropped now and then
    PerSide<std::size_t> awaited_{};
    std::size_t pending_ = 0;
    std::size_t memory_ = 0;
};

}  // namespace understudy::compare
