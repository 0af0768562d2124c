#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/model/event.hpp"
#include "core/pgwire/frontend_messages.hpp"

// Events of a capture, made by hand. Times are milliseconds after kStart.
namespace understudy::app::inspect {

inline constexpr Timestamp kStart = Timestamp::from_ns(1'709'210'096'000'000'000);  // 2024-02-29 12:34:56 UTC

inline Timestamp at(double ms) { return kStart + Duration::nanoseconds(static_cast<std::int64_t>(ms * 1e6)); }

template <class... Messages>
Bytes frames(const Messages&... messages) {
    Bytes out;
    (pgwire::encode_frontend_to(out, messages), ...);
    return out;
}

inline pgwire::Parse parse(Bytes name, Bytes sql) { return {std::move(name), std::move(sql), {}}; }
inline pgwire::Bind bind(Bytes portal, Bytes statement) {
    return {std::move(portal), std::move(statement), {}, {}, {}};
}
inline pgwire::Execute execute(Bytes portal) { return {std::move(portal), 0}; }

inline Request request(std::uint64_t session, std::uint32_t ordinal, double ms, Bytes bytes, std::uint32_t step = 0) {
    Request event;
    event.session = SessionId(session);
    event.ordinal = Ordinal(ordinal);
    event.step = StepIndex(step);
    event.time = at(ms);
    event.frames = std::move(bytes);
    return event;
}

inline StepResult result(StepKind kind, double end_ms, Bytes tag = {}, std::uint64_t rows = 0) {
    StepResult step;
    step.kind = kind;
    step.first = at(end_ms);
    step.end = at(end_ms);
    step.command_tag = std::move(tag);
    step.rows = rows;
    return step;
}

inline ServerMessage server_message(const Bytes& sqlstate, const Bytes& text) {
    return {{{'S', "ERROR"}, {'V', "ERROR"}, {'C', sqlstate}, {'M', text}}};
}

inline StepResult error(StepKind kind, double end_ms, const Bytes& sqlstate) {
    StepResult step = result(kind, end_ms);
    step.outcome = StepOutcome::error;
    step.error = server_message(sqlstate, "something is wrong");
    return step;
}

inline StepResult outcome(StepKind kind, double end_ms, StepOutcome how) {
    StepResult step = result(kind, end_ms);
    step.outcome = how;
    return step;
}

/// `ready_ms` 0: the exchange goes on.
inline Response response(std::uint64_t session, std::uint32_t ordinal, double ready_ms, std::vector<StepResult> results,
                         std::uint32_t first_step = 0) {
    Response event;
    event.session = SessionId(session);
    event.ordinal = Ordinal(ordinal);
    event.first_step = StepIndex(first_step);
    event.results = std::move(results);
    if (ready_ms > 0) {
        event.transaction_status = 'I';
        event.ready = at(ready_ms);
    }
    return event;
}

inline SessionOpened opened(std::uint64_t session, double ms, Bytes user = "shop", Bytes application = "web") {
    SessionOpened event;
    event.session = SessionId(session);
    event.time = at(ms);
    event.identity.user = std::move(user);
    event.identity.database = "shopdb";
    event.identity.application = std::move(application);
    event.identity.client = "10.0.0.7:51234";
    return event;
}

inline SessionClosed closed(std::uint64_t session, double ms, SessionEnd end) {
    return {SessionId(session), at(ms), end, std::nullopt, {}};
}

}  // namespace understudy::app::inspect
