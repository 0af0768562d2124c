#include "compare/analysis/activity.hpp"

#include <algorithm>

namespace understudy::compare {

void Timeline::widen() {
    for (auto* counts : {&steps, &differing}) {
        for (std::size_t i = 0; i < counts->size(); ++i) {
            const std::uint64_t count = (*counts)[i];
            (*counts)[i] = 0;
            (*counts)[i / 2] += count;
        }
        counts->resize((counts->size() + 1) / 2);
    }
    width = width + width;
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
    if (!start.known()) start = when;
    begin_earlier(when);
    const auto index = [&] { return static_cast<std::size_t>((when - start).count_ns() / width.count_ns()); };
    while (index() >= kMaxBuckets) widen();
    if (index() >= steps.size()) {
        steps.resize(index() + 1);
        differing.resize(index() + 1);
    }
    steps[index()] += step_count;
    differing[index()] += differing_count;
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
    if (place != places_.end()) name(sessions_[place->second], entry->second);
}

const SessionIdentity* Activity::identity(SessionId session) const {
    const auto found = names_.find(session);
    return found == names_.end() ? nullptr : &found->second;
}

void Activity::add(SessionId session, Timestamp asked, std::uint64_t steps, std::uint64_t differing) {
    timeline_.add(asked, steps, differing);
    if (asked.known() && (!first_.known() || asked < first_)) first_ = asked;
    last_ = std::max(last_, asked);
    auto place = places_.find(session);
    if (place == places_.end()) {
        if (sessions_.size() >= kMaxSessions) return;
        place = places_.emplace(session, sessions_.size()).first;
        SessionActivity& fresh = sessions_.emplace_back();
        fresh.session = session;
        if (const SessionIdentity* known = identity(session)) name(fresh, *known);
    }
    SessionActivity& one = sessions_[place->second];
    if (!one.first.known()) one.first = asked;
    one.last = std::max(one.last, asked);
    one.steps += steps;
    one.differing += differing;
}

}  // namespace understudy::compare
