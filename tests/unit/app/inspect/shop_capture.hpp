#pragma once

#include "tests/unit/app/inspect/events.hpp"

namespace understudy::app::inspect {

inline CaptureHeader shop_header() {
    CaptureHeader header;
    header.source = "packets";
    header.tool_version = "0.1.0";
    header.created = kStart;
    header.key_id = "0102fe";
    header.server_version = "15.4";
    header.system_identifier = 7'000'000'000'000'000'001;
    return header;
}

/// Session 1: the extended protocol, a Query of two statements, an error that skips.
inline void add_web_session(std::vector<Event>& events) {
    events.push_back(opened(0xA1, 0));
    events.push_back(request(
        0xA1, 0, 1,
        frames(parse("s1", "SELECT name FROM product WHERE id = $1"), bind("", "s1"), execute(""), pgwire::Sync{})));
    events.push_back(response(
        0xA1, 0, 2.7,
        {result(StepKind::parse, 1.5), result(StepKind::bind, 1.6), result(StepKind::execute, 2.6, "SELECT 1", 1)}));
    events.push_back(
        request(0xA1, 1, 10, frames(pgwire::Query{"UPDATE product SET name = 'secret'\n WHERE id = 7; COMMIT"})));
    events.push_back(response(
        0xA1, 1, 15, {result(StepKind::statement, 14, "UPDATE 1"), result(StepKind::statement, 15, "COMMIT")}));
    events.push_back(request(
        0xA1, 2, 20, frames(parse("", "SELECT missing FROM product"), bind("", ""), execute(""), pgwire::Sync{})));
    events.push_back(response(0xA1, 2, 21.5,
                              {error(StepKind::parse, 21, "42703"), outcome(StepKind::bind, 21, StepOutcome::skipped),
                               outcome(StepKind::execute, 21, StepOutcome::skipped)}));
    events.push_back(request(0xA1, 3, 30, frames(bind("", "s1"), execute(""), pgwire::Sync{})));
    events.push_back(
        response(0xA1, 3, 30.9, {result(StepKind::bind, 30.1), result(StepKind::execute, 30.8, "SELECT 1", 1)}));
    events.push_back(closed(0xA1, 40, SessionEnd::terminate));
}

/// Session 2, joined: a statement that was never seen, a gap, an answer cut off, and one that never came.
inline void add_joined_session(std::vector<Event>& events) {
    SessionState state;
    state.session = SessionId(0xA2);
    state.time = at(5);
    state.identity.client = "10.0.0.8:40000";
    events.push_back(state);
    Request unresolved = request(0xA2, 0, 6, frames(bind("", "old"), execute(""), pgwire::Sync{}));
    unresolved.unresolved = true;
    events.push_back(unresolved);
    events.push_back(
        response(0xA2, 0, 8, {result(StepKind::bind, 6.5), outcome(StepKind::execute, 7, StepOutcome::incomplete)}));
    events.push_back(Gap{SessionId(0xA2), at(9), false, 1'448});
    events.push_back(request(0xA2, 1, 11, frames(pgwire::Query{"SELECT caf\xe9 -- \x1b[31m"})));
}

/// A capture with one of everything: see the golden texts in tests/scenarios/inspect.
inline std::vector<Event> shop_capture() {
    std::vector<Event> events;
    add_web_session(events);
    add_joined_session(events);
    events.push_back(opened(0xA3, 12, "eve", "psql"));
    SessionClosed refused = closed(0xA3, 13, SessionEnd::refused);
    refused.error = server_message("28P01", "password authentication failed");
    events.push_back(refused);
    events.push_back(closed(0xA4, 14, SessionEnd::encrypted));
    events.push_back(closed(0xA5, 15, SessionEnd::cancel_request));
    events.push_back(CancelSent{SessionId(0xA1), at(15)});
    events.push_back(Counters{{{"messages.frontend.Query", 1}}, {}});
    events.push_back(Counters{{{"messages.frontend.Query", 2},
                               {"messages.frontend.Sync", 4},
                               {"messages.backend.DataRow", 2},
                               {"loss.kernel_drops", 3},
                               {"loss.bytes_lost", 0},
                               {"packets.seen", 99}},
                              {}});
    return events;
}

}  // namespace understudy::app::inspect
