#pragma once

#include <unordered_map>

#include "core/exchange/session_states.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "replay/plan/statement_filter.hpp"

namespace understudy::replay {

/// Judges the messages of one session with a StatementFilter, and remembers which prepared statements and portals
/// are not on the target because what makes them was left out: what uses them is left out as well.
///
/// Drive it, in the session's order: judge() for each frame of an exchange until one is left out, then
/// note_left_out() for all frames of that exchange.
class NameVerdicts {
public:
    static constexpr std::size_t kMaxNames = 100'000;  ///< past it, use of a name that was left out fails on the target

    LeftOut judge(const pgwire::FrameView& frame, StatementFilter& filter);
    void note_left_out(const pgwire::FrameView& frame, const LeftOut& verdict);
    /// What was prepared where the replay enters the session; statements that are left out are taken out of `state`.
    void enter(SessionState& state, StatementFilter& filter);

private:
    using Names = std::unordered_map<Bytes, LeftOut>;
    LeftOut judge_query(BytesView sql, StatementFilter& filter);
    LeftOut judge_statement(BytesView statement, StatementFilter& filter);
    static LeftOut look_up(const Names& names, BytesView name);
    static void keep(Names& names, BytesView name, const LeftOut& verdict);

    Names statements_;  // left out
    Names portals_;     // left out; cursors are among them
};

}  // namespace understudy::replay
