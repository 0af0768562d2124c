#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/catalog/catalog.hpp"
#include "core/exchange/result_digest.hpp"
#include "replay/order/conflict_table.hpp"
#include "replay/order/flight_table.hpp"
#include "replay/order/plan_stats.hpp"
#include "replay/order/session_plan.hpp"
#include "replay/order/time_order.hpp"

namespace understudy::replay {

/// How much of the recorded order across sessions is kept.
enum class SyncMode : std::uint8_t {
    none,    ///< each session's own order and the pacing
    commit,  ///< a request waits for every commit that was answered before it was asked
    strict,  ///< it waits for what it conflicts with, row by row
};

/// Derives from a recording which request has to wait for which others, so that a replay gives each what it saw.
///
/// The recording tells of each step the interval from its request's arrival to its answer; its effect lies somewhere in
/// it. Steps are taken one after the other where they most likely took effect: pure reads at their request, whatever
/// takes locks or commits at its answer. A step waits for those conflicting ones before it whose answer was there by
/// then. So the graph has no cycle, whatever the recording holds; and a lock is asked for in the order in which it was
/// granted (docs/order.md; Bernstein, Hadzilacos, Goodman, "Concurrency Control and Recovery in Database Systems",
/// 1987, for the theory).
///
/// Drive it with the events in their order; take what it gives out, in its order, which is that of each session, and
/// finish(). A request that takes locks comes out when its answer was read. Pure. Memory: the rows of ConflictTable,
/// open transactions' rows, and the requests of kLookahead.
class OrderPlanner {
public:
    struct Options {
        SyncMode mode = SyncMode::strict;
        std::vector<Bytes> harmless_functions;
        /// So long after its request an answer is waited for; what locks later is ordered by its request.
        Duration lookahead = Duration::seconds(60);
    };
    using Out = std::vector<PlannedEvent>;
    /// Told of each step of which the recording leaves open what it saw; may come twice.
    using OnAmbiguous = std::function<void(SessionId, Ordinal, StepIndex)>;

    OrderPlanner(const Options& options, const catalog::Catalog& catalog, const Digester& digester,
                 OnAmbiguous on_ambiguous);

    /// `note`: a Response of our own, for a request that is left out; it keeps its place among the session's requests.
    void on_event(Event&& event, Out& out, bool note = false);
    void finish(Out& out);

    /// The number of a session; new ones get the next.
    SessionIndex index_of(SessionId session);
    [[nodiscard]] PlanStats stats() const;
    [[nodiscard]] const FootprintMaker& footprints() const { return footprints_; }

private:
    using Session = PlannedSession;

    // order_planner.cpp: events
    void plan(Event&& event, bool note, Out& out);
    void on_request(Session& session, Request&& request, Out& out);
    void on_piece(Session& session, Request&& piece);
    void on_response(Session& session, const Response& response, Out& out);
    void end_exchange(Session& session, const Response& response);
    void on_state(Session& session, const SessionState& state);
    void on_closed(Session& session);
    void give_out(Session& session, Out& out);
    void give_out_settled(Out& out);
    void give_up_late(Timestamp now, Out& out);
    void forget_old_sessions();
    Session& session_of(SessionId id);

    // order_steps.cpp: what messages ask
    void read_frame(Session& session, const ScannedFrame& frame, const Request& request, Session::Waiting& waiting);
    void on_query(Session& session, BytesView sql, const Request& request, Session::Waiting& waiting);
    void follow_cursor(Session& session, const sql::StatementAccess& access, Progress step);
    void on_bind(Session& session, BytesView body, PlannedStep&& step, Session::Waiting& waiting);
    void on_execute(Session& session, const ScannedFrame& frame, PlannedStep&& step, Session::Waiting& waiting);
    void describe(Session& session, const Session::Statement& statement, const GivenValues::Parameters& parameters,
                  PlannedStep& step);
    void expect(Session& session, PlannedStep&& step, Session::Waiting& waiting, bool ends = false);

    // order_edges.cpp: what waits for what
    void plan_read(Session& session, const PlannedStep& step, Session::Waiting& waiting);
    void show(Session& session, const Bytes& portal, Progress step);
    void resolve(Session& session, PlannedStep& step, const StepResult* result);
    void plan_effects(Session& session, const PlannedStep& step, Timestamp asked, Session::Waiting* waiting,
                      std::optional<Timestamp> answered = std::nullopt);
    void take_effect(Session& session, PlannedStep& step, const StepResult& result);
    void end_transaction(Session& session, bool committed, Progress done, Timestamp asked, Timestamp answered,
                         Session::Waiting* waiting);
    void wait_for_earlier(Session& session, Session::Waiting* waiting, const Unit& last, Timestamp asked);
    static bool asks_to_end(sql::TransactionAct act);
    bool take_snapshot(Session& session, const Unit& unit, Session::Waiting* waiting);
    void wait_for_barriers(Session& session, Timestamp asked, Session::Waiting& waiting);
    void add_edge(Session& session, Session::Waiting* waiting, const Unit& before, EdgeKind kind);
    static void put_edge(Session& session, Session::Waiting& waiting, const Unit& before, EdgeKind kind);
    void mark_ambiguous(const Unit& unit);

    // order_grants.cpp: who had a lock first
    [[nodiscard]] bool still_holds(const Unit& unit, Timestamp now) const;
    [[nodiscard]] bool may_matter(const Unit& earlier, Timestamp now) const;
    void note_in_flight(const Session& session, const PlannedStep& step, bool ends);
    void leave_flight(const Session& session, const PlannedStep& step);
    void hold_for_flights(Session& session, const PlannedStep& step, Timestamp answered, Session::Waiting* waiting);
    void settle_held(const Unit& unit, PlannedStep& step, std::optional<Timestamp> granted, Session& session);
    void end_holds(Session& session);
    void note_given_up(const Unit& unit, Timestamp by);
    void mark_if_close(const Unit& earlier, const Unit& later, Timestamp answered);

    static Session::Waiting* find_waiting(Session& session, std::uint64_t number);
    static void done_waiting(Session& session, std::uint64_t number);

    /// No statement that waited is answered sooner after another's request that let it go on.
    static constexpr Duration kFastest = Duration::microseconds(50);
    /// Who gives a lock up is answered at most so long after whoever is woken by that.
    static constexpr Duration kRightAfter = Duration::milliseconds(2);
    /// Two who committed by themselves, and were answered within that, may have had the lock in either order.
    static constexpr Duration kRace = Duration::microseconds(500);
    static constexpr Duration kWindow = Duration::seconds(2);  // docs/capture-file.md, "Records"

    Options options_;
    TimeOrder in_time_{kWindow};
    const Digester& digester_;
    RelationMap relations_;
    FootprintMaker footprints_;
    OnAmbiguous on_ambiguous_;
    ParsedTexts texts_;
    ConflictTable table_;
    std::size_t table_relations_ = 0;
    AnswerTimes answers_;
    Watermark answered_;   // the last answer of each session
    Watermark commits_;    // the last commit of each session that changed something
    Watermark snapshots_;  // that were taken of everything
    Watermark barriers_;   // that may have done anything
    FlightTable flights_;
    std::vector<SessionIndex> settled_;  // sessions that may have something to give out
    std::unordered_map<SessionId, SessionIndex> indices_;
    std::unordered_map<SessionIndex, std::unique_ptr<Session>> sessions_;
    std::deque<std::pair<SessionIndex, std::uint64_t>> late_;  // requests that wait for answers, by their time
    Timestamp oldest_asked_;  // of the requests in late_
    std::vector<SessionId> ids_;                               // by index
    std::vector<bool> over_;                                   // sessions that ended
    std::size_t ended_ = 0;                                    // since the last sweep
    std::uint64_t next_request_ = 1;
    PlanStats stats_;
};

}  // namespace understudy::replay
