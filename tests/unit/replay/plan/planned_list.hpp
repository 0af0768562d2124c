#pragma once

#include <string>
#include <vector>

#include "replay/plan/left_out.hpp"
#include "tests/support/frames.hpp"

namespace understudy::replay {

/// Some milliseconds after a recording's start.
inline Timestamp ms(std::int64_t n) {
    return Timestamp::from_ns(1'700'000'000'000'000'000) + Duration::milliseconds(n);
}

inline Event opened(std::uint64_t session, std::int64_t at, const Bytes& user = "shop", const Bytes& database = "db") {
    SessionIdentity identity;
    identity.user = user;
    identity.database = database;
    identity.client = "10.0.0.7:5";
    return SessionOpened{SessionId(session), ms(at), false, identity};
}
inline Event state(std::uint64_t session, std::int64_t at, const Bytes& user = "shop", const Bytes& database = "db") {
    SessionState state;
    state.session = SessionId(session);
    state.time = ms(at);
    state.complete = true;
    state.transaction_status = 'I';
    state.identity.user = user;
    state.identity.database = database;
    state.identity.client = "10.0.0.7:5";
    return state;
}
inline Event asks(std::uint64_t session, std::uint32_t ordinal, std::int64_t at, Bytes frames, std::uint32_t step = 0) {
    return Request{SessionId(session), Ordinal(ordinal), StepIndex(step), ms(at), {}, false, std::move(frames)};
}
inline Event ready(std::uint64_t session, std::uint32_t ordinal, std::int64_t at, char status = 'I') {
    return Response{SessionId(session), Ordinal(ordinal), StepIndex(), {}, status, ms(at)};
}
inline Event closed(std::uint64_t session, std::int64_t at) {
    return SessionClosed{SessionId(session), ms(at), SessionEnd::terminate, {}, {}};
}

/// What was handed on: "1 opened; 1 state 0; 1.0 sent; 1.1 left read_only; 1 closed". Responses are not listed.
class PlannedList final : public PlannedSink {
public:
    void on_planned(Planned&& planned) override {
        std::string text;
        if (const auto* request = std::get_if<Request>(&planned.event)) {
            text = std::to_string(request->session.value()) + "." + std::to_string(request->ordinal.value());
            text += planned.left_out.yes() ? std::string(" left ") + planned.left_out.key : " sent";
        } else if (const auto* state = std::get_if<SessionState>(&planned.event)) {
            text = std::to_string(state->session.value()) + " state " + std::to_string(state->next_ordinal.value());
        } else if (const auto* opened = std::get_if<SessionOpened>(&planned.event)) {
            text = std::to_string(opened->session.value()) + " opened";
        } else if (const auto* closed = std::get_if<SessionClosed>(&planned.event)) {
            text = std::to_string(closed->session.value()) + " closed";
        }
        if (!text.empty()) log += (log.empty() ? "" : "; ") + text;
        planned_.push_back(std::move(planned));
    }
    template <class Kind>
    [[nodiscard]] std::vector<Kind> all() const {
        std::vector<Kind> found;
        for (const Planned& planned : planned_) {
            if (const auto* kind = std::get_if<Kind>(&planned.event)) found.push_back(*kind);
        }
        return found;
    }
    std::string log;

private:
    std::vector<Planned> planned_;
};

}  // namespace understudy::replay
