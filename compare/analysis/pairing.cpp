#include "compare/analysis/pairing.hpp"

#include <algorithm>

namespace understudy::compare {

void Pairing::on_exchange(Side side, ObservedExchange&& exchange) {
    const std::size_t s = index_of(side);
    const ExchangeId id = exchange.id;
    const std::uint32_t ordinal = id.ordinal.value();
    Session& session = sessions_[id.session];
    session.reached[s] = std::max<std::uint64_t>(session.reached[s], std::uint64_t{ordinal} + 1);
    if (ordinal < session.done) {
        // The others were handed on without it.
        PairedExchange late;
        late.id = id;
        late.sides[s] = std::move(exchange);
        for (std::size_t i = 0; i < kSides; ++i) {
            if (taking_part_[i] && i != s) late.missing[i] = session.given_up ? "memory limit" : "came out of order";
        }
        listener_.on_pair(std::move(late));
        return;
    }
    const auto [entry, created] = session.exchanges.try_emplace(id.ordinal);
    Pending& pending = entry->second;
    if (created) {
        ++pending_;
        order_.push_back(id);
        for (std::size_t i = 0; i < kSides; ++i) awaited_[i] += taking_part_[i] ? 1U : 0U;
    }
    if (!pending.sides[s]) {
        const std::size_t bytes = exchange.bytes();
        pending.bytes += bytes;
        memory_ += bytes;
        --awaited_[s];
        pending.sides[s] = std::move(exchange);
    }
    settle(id.session, session);
    if (memory_ > memory_limit_) give_up_oldest();
    if (order_.size() > 2 * pending_ + 1024) forget_old_order();
}

void Pairing::on_session_end(Side side, SessionId id, const Bytes& why) {
    Session& session = sessions_[id];
    session.why[index_of(side)] = why;
    settle(id, session);
    for (std::size_t i = 0; i < kSides; ++i) {
        if (taking_part_[i] && !ended_[i] && !session.why[i]) return;
    }
    sessions_.erase(id);
    listener_.on_session_done(id);
}

void Pairing::on_side_end(Side side) {
    ended_[index_of(side)] = true;
    std::vector<SessionId> ids;
    for (const auto& [id, session] : sessions_) ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    for (const SessionId id : ids) settle(id, sessions_[id]);
}

bool Pairing::may_still_come(const Session& session, std::size_t side, std::uint32_t ordinal) const {
    return taking_part_[side] && !ended_[side] && !session.why[side] && session.reached[side] <= ordinal;
}

/// Hands on the exchanges that nothing is awaited for, in order.
void Pairing::settle(SessionId id, Session& session) {
    while (!session.exchanges.empty()) {
        const auto& [ordinal, pending] = *session.exchanges.begin();
        for (std::size_t i = 0; i < kSides; ++i) {
            if (!pending.sides[i] && may_still_come(session, i, ordinal.value())) return;
        }
        hand_on(id, session, false);
    }
}

void Pairing::hand_on(SessionId id, Session& session, bool giving_up) {
    const auto first = session.exchanges.begin();
    PairedExchange pair;
    pair.id = {id, first->first};
    pair.sides = std::move(first->second.sides);
    memory_ -= first->second.bytes;
    --pending_;
    for (std::size_t i = 0; i < kSides; ++i) {
        if (pair.sides[i] || !taking_part_[i]) continue;
        --awaited_[i];
        if (giving_up && may_still_come(session, i, pair.id.ordinal.value())) {
            pair.missing[i] = "memory limit";
        } else {
            pair.missing[i] = session.why[i] ? *session.why[i] : "not in the capture";
        }
    }
    session.done = std::uint64_t{first->first.value()} + 1;
    session.given_up = session.given_up || giving_up;
    session.exchanges.erase(first);
    listener_.on_pair(std::move(pair));
}

void Pairing::give_up_oldest() {
    while (memory_ > memory_limit_ && !order_.empty()) {
        const ExchangeId id = order_.front();
        order_.pop_front();
        const auto found = sessions_.find(id.session);
        if (found == sessions_.end()) continue;
        Session& session = found->second;
        while (!session.exchanges.empty() && session.exchanges.begin()->first <= id.ordinal) {
            hand_on(id.session, session, true);
        }
        settle(id.session, session);
    }
}

void Pairing::forget_old_order() {
    std::erase_if(order_, [this](const ExchangeId& id) {
        const auto found = sessions_.find(id.session);
        return found == sessions_.end() || found->second.exchanges.count(id.ordinal) == 0;
    });
}

}  // namespace understudy::compare
