#pragma once

#include <utility>
#include <vector>

#include "core/model/event.hpp"

// Events of a capture, made by hand. Times are milliseconds after kStart.
namespace understudy::schema {

inline constexpr Timestamp kStart = Timestamp::from_ns(1'709'210'096'000'000'000);  // 2024-02-29 12:34:56 UTC
inline Timestamp at(std::int64_t ms) { return kStart + Duration::milliseconds(ms); }

inline SessionOpened opened(std::uint64_t session, Bytes user, std::vector<std::pair<Bytes, Bytes>> startup = {},
                            Bytes database = "shop") {
    SessionOpened event;
    event.session = SessionId(session);
    event.time = kStart;
    event.identity.user = std::move(user);
    event.identity.database = std::move(database);
    event.identity.startup = std::move(startup);
    return event;
}

inline Request request(std::uint64_t session, std::uint32_t ordinal, Bytes frames, std::int64_t ms = 0) {
    Request event;
    event.session = SessionId(session);
    event.ordinal = Ordinal(ordinal);
    event.time = at(ms);
    event.frames = std::move(frames);
    return event;
}

inline Response failed(std::uint64_t session, std::uint32_t ordinal, std::uint32_t step, Bytes sqlstate) {
    StepResult result;
    result.outcome = StepOutcome::error;
    result.error = ServerMessage{{{'C', std::move(sqlstate)}}};
    Response event;
    event.session = SessionId(session);
    event.ordinal = Ordinal(ordinal);
    event.first_step = StepIndex(step);
    event.results = {std::move(result)};
    return event;
}

}  // namespace understudy::schema
