#include <algorithm>

#include "replay/session/session_machine.hpp"

// Where a session stands among the others: what it waits for, and how far it is.

namespace understudy::replay {

/// Other sessions come first: what they did in the recording, this request saw.
std::optional<Action> SessionMachine::wait_for_order(const Request& request, Timestamp now) {
    const std::vector<Predecessor>& after = input_.front().after;
    if (shared_.board == nullptr || after.empty()) return std::nullopt;
    ordered_until_ = shared_.board->first_open(after, ordered_until_);
    if (ordered_until_ == after.size()) return std::nullopt;
    if (!order_wait_since_) order_wait_since_ = now;
    return Action{Action::Kind::wait_for_order, {}, {}, after[ordered_until_], Progress(request.ordinal, request.step.value())};
}

void SessionMachine::let_go() {
    ++ordered_until_;
    let_go_ = true;
}

void SessionMachine::note_sending(const Request& request, Timestamp due, Timestamp now) {
    ReplayStats& stats = shared_.stats;
    if (!shared_.pacing.unpaced()) {
        LagCause cause = waited_for_target_ ? LagCause::target : LagCause::tool;
        if (order_wait_since_) cause = LagCause::order;
        stats.record_lag(now - due, cause);
    }
    waited_for_target_ = false;
    if (shared_.board == nullptr) return;
    const std::vector<Predecessor>& after = input_.front().after;
    if (!after.empty()) stats.ordered_requests.fetch_add(1, std::memory_order_relaxed);
    if (order_wait_since_) {
        stats.order_waits.fetch_add(1, std::memory_order_relaxed);
        const auto waited = static_cast<std::uint64_t>((now - *order_wait_since_).count_ns() / 1000);
        stats.order_wait_us.fetch_add(waited, std::memory_order_relaxed);
        order_wait_since_.reset();
    }
    if (let_go_ || shared_.board->tainted(after)) {
        stats.tainted_requests.fetch_add(1, std::memory_order_relaxed);
        marking_.taint(request.ordinal, request.step);
    }
    if (shared_.ambiguous == nullptr) return;
    const StepSet ambiguous = shared_.ambiguous->steps(session_, request.ordinal);
    if (ambiguous.empty()) return;
    stats.ambiguous_requests.fetch_add(1, std::memory_order_relaxed);
    marking_.ambiguous(request.ordinal, ambiguous);
}

/// Tells the others how far this session is. What was left out counts as done once nothing before it is under way.
void SessionMachine::report_progress() {
    if (shared_.board == nullptr || (remapper_ && remapper_->holds() && !lost_)) return;
    const Seen seen = transcriber_.seen();
    Progress done(seen.ordinal, seen.steps);
    if (lost_) done = Progress::end();
    if (transcriber_.tracker().head() == nullptr) done = std::max(done, skipped_until_);
    shared_.board->advance(index_, done);
}

/// What comes after this, for others, is not as it was recorded.
void SessionMachine::note_not_sent(Ordinal ordinal, StepIndex step) {
    if (shared_.board == nullptr) return;
    shared_.board->fail_from(index_, Progress(ordinal, step.value()));
    skipped_until_ = std::max(skipped_until_, Progress::past(ordinal));
}

}  // namespace understudy::replay
