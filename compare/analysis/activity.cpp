#include "compare/analysis/activity.hpp"

#include <algorithm>

namespace understudy::compare {

void Timeline::widen() {
    const auto odd = static_cast<std::size_t>(place_of(start) % 2);
    for (auto* counts : {&steps, &differing}) {
        std::vector<std::uint64_t> wide((counts->size() + odd + 1) / 2);
        for (std::size_t i = 0; i < counts->size(); ++i) wide[(i + odd) / 2] += (*counts)[i];
        *counts = std::move(wide);
    }
    width = width + width;
    start = Timestamp::from_ns(place_of(start) * width.count_ns());
}

/// Captures of several sources may come a little out of order.
void Timeline::begin_earlier(Timestamp when) {
    while (when < start) {
        start = start + (Duration() - width);
        steps.insert(steps.begin(), 0);
        differing.insert(differing.begin(), 0);
        if (steps.size() > kMaxBuckets) widen();
    }
}

void Timeline::add(Timestamp when, std::uint64_t step_count, std::uint64_t differing_count) {
    if (when <= Timestamp()) return;
    if (steps.empty()) start = Timestamp::from_ns(place_of(when) * width.count_ns());
    begin_earlier(when);
    const auto index = [&] { return static_cast<std::size_t>(place_of(when) - place_of(start)); };
    while (index() >= kMaxBuckets) widen();
    if (index() >= steps.size()) {
        steps.resize(index() + 1);
        differing.resize(index() + 1);
    }
    steps[index()] += step_count;
    differing[index()] += differing_count;
}

void Timeline::add(const Timeline& other) {
    Timestamp when = other.start;
    for (std::size_t i = 0; i < other.steps.size(); ++i, when = when + other.width) {
        if (other.steps[i] > 0) add(when, other.steps[i], other.differing[i]);
    }
}

void Activity::name(SessionActivity& session, const SessionIdentity& identity) {
    session.user = identity.user;
    session.application = identity.application;
    session.database = identity.database;
}

void Activity::on_session(SessionId session, const SessionIdentity& identity) {
    const auto [entry, created] = names_.try_emplace(session, identity);
    if (!created && !identity.user.empty()) entry->second = identity;
    const auto place = places_.find(session);
    if (place != places_.end()) name(state_.sessions[place->second], entry->second);
}

const SessionIdentity* Activity::identity(SessionId session) const {
    const auto found = names_.find(session);
    return found == names_.end() ? nullptr : &found->second;
}

void Activity::add(SessionId session, Timestamp asked, std::uint64_t steps, std::uint64_t differing) {
    state_.timeline.add(asked, steps, differing);
    if (asked.known() && (!state_.first.known() || asked < state_.first)) state_.first = asked;
    state_.last = std::max(state_.last, asked);
    auto place = places_.find(session);
    if (place == places_.end()) {
        if (state_.sessions.size() >= kMaxSessions) return;
        place = places_.emplace(session, state_.sessions.size()).first;
        SessionActivity& fresh = state_.sessions.emplace_back();
        fresh.session = session;
        if (const SessionIdentity* known = identity(session)) name(fresh, *known);
    }
    SessionActivity& one = state_.sessions[place->second];
    if (!one.first.known()) one.first = asked;
    one.last = std::max(one.last, asked);
    one.steps += steps;
    one.differing += differing;
}

void Activity::add(const Activity& other) {
    state_.timeline.add(other.state_.timeline);
    if (other.state_.first.known() && (!state_.first.known() || other.state_.first < state_.first))
        state_.first = other.state_.first;
    state_.last = std::max(state_.last, other.state_.last);
    state_.sessions.insert(state_.sessions.end(), other.state_.sessions.begin(), other.state_.sessions.end());
    std::stable_sort(state_.sessions.begin(), state_.sessions.end(),
                     [](const SessionActivity& a, const SessionActivity& b) { return a.first < b.first; });
    if (state_.sessions.size() > kMaxSessions) state_.sessions.resize(kMaxSessions);
    index_sessions();
}

void Activity::index_sessions() {
    places_.clear();
    for (std::size_t i = 0; i < state_.sessions.size(); ++i) places_.emplace(state_.sessions[i].session, i);
}

Activity::Activity(ActivityState&& state) : state_(std::move(state)) {
    if (state_.sessions.size() > kMaxSessions) state_.sessions.resize(kMaxSessions);
    index_sessions();
}

}  // namespace understudy::compare
