#include "compare/analysis/gatherer.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace understudy::compare {
namespace {

Bytes why_it_ended(const SessionClosed& closed) {
    Bytes why = fmt::format("session {}", to_string(closed.end));
    if (closed.error) why += fmt::format(" ({})", closed.error->sqlstate());
    return why;
}

}  // namespace

ObservedExchange& ExchangeGatherer::open(SessionId session, Ordinal ordinal) {
    ObservedExchange& exchange = open_[session][ordinal];
    exchange.id = {session, ordinal};
    return exchange;
}

void ExchangeGatherer::take(Event&& event) {
    ++notes_.events;
    if (auto* request = std::get_if<Request>(&event)) {
        on_request(*request);
    } else if (auto* response = std::get_if<Response>(&event)) {
        on_response(*response);
    } else if (const auto* part = std::get_if<RowPart>(&event)) {
        parted_[part->session] = {part->ordinal, part->step};
    } else if (const auto* state = std::get_if<SessionState>(&event)) {
        if (side_ == Side::baseline) contexts_.on_state(*state);
    } else if (const auto* closed = std::get_if<SessionClosed>(&event)) {
        deliver_through(closed->session, Ordinal(UINT32_MAX));
        contexts_.on_closed(closed->session);
        parted_.erase(closed->session);
        listener_.on_session_end(side_, closed->session, why_it_ended(*closed));
    } else if (const auto* gap = std::get_if<Gap>(&event)) {
        ++notes_.gaps;
        notes_.gap_bytes += gap->bytes;
    } else if (const auto* counters = std::get_if<Counters>(&event)) {
        if (counters->session != SessionId()) return;
        for (const auto& [name, value] : counters->values) {
            if (name.starts_with("loss.")) notes_.losses[name.substr(5)] = value;
            if (name == "replay.impersonated") notes_.impersonated += value;
        }
    }
}

void ExchangeGatherer::on_request(Request& request) {
    ObservedExchange& exchange = open(request.session, request.ordinal);
    if (!exchange.asked.known()) exchange.asked = request.time;
    if (side_ == Side::baseline) contexts_.on_request(request, exchange.contexts);
}

void ExchangeGatherer::on_response(Response& response) {
    ObservedExchange& exchange = open(response.session, response.ordinal);
    std::uint32_t index = response.first_step.value();
    const auto parted = parted_.empty() ? parted_.end() : parted_.find(response.session);
    for (StepResult& result : response.results) {
        const bool in_order = exchange.steps.empty() || exchange.steps.back().index < index;
        if (!in_order || exchange.steps.size() >= kMaxSteps) {
            ++notes_.dropped_steps;
            continue;
        }
        if (parted != parted_.end() && parted->second == std::pair(response.ordinal, StepIndex(index))) {
            result.kept_rows.clear();  // only the last of its rows
        }
        exchange.steps.push_back({index++, std::move(result)});
    }
    if (!response.ready.known()) return;
    exchange.transaction_status = response.transaction_status;
    exchange.ended = true;
    deliver_through(response.session, response.ordinal);
}

/// Exchanges end in their order, so those before one that ended have ended as well, even without a record of it.
void ExchangeGatherer::deliver_through(SessionId session, Ordinal last) {
    const auto found = open_.find(session);
    if (found == open_.end()) return;
    OpenExchanges& exchanges = found->second;
    while (!exchanges.empty() && exchanges.begin()->first <= last) {
        ++notes_.exchanges;
        listener_.on_exchange(side_, std::move(exchanges.begin()->second));
        exchanges.erase(exchanges.begin());
    }
    if (exchanges.empty() && last == Ordinal(UINT32_MAX)) open_.erase(found);
}

void ExchangeGatherer::finish() {
    std::vector<SessionId> sessions;
    for (const auto& [session, exchanges] : open_) sessions.push_back(session);
    std::sort(sessions.begin(), sessions.end());
    for (const SessionId session : sessions) deliver_through(session, Ordinal(UINT32_MAX));
}

}  // namespace understudy::compare
