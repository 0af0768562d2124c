#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/exchange/frame_scanner.hpp"
#include "core/model/event.hpp"
#include "replay/order/footprint.hpp"
#include "replay/order/parsed_texts.hpp"
#include "replay/order/planned_event.hpp"
#include "replay/order/snapshot_views.hpp"
#include "replay/order/unit.hpp"

namespace understudy::replay {

/// A step that got a lock while another session's request for it was still under way.
struct HeldStep {
    Unit unit;
    std::uint64_t request = 0;  ///< that it came in
    bool certain = false;       ///< the lock is of the same row; else it may be
};

/// What one step does, once its values are known.
struct PlannedStep {
    Ordinal ordinal;
    std::uint32_t step = 0;
    std::uint64_t request = 0;  ///< the number of the request that it came in
    Timestamp asked;
    Footprint footprint;
    sql::TransactionAct act = sql::TransactionAct::none;
    bool and_chain = false;
    sql::Isolation isolation = sql::Isolation::unsaid;
    bool session_isolation = false;
    bool late = false;   ///< its request waits for its answer
    std::vector<HeldStep> held;  ///< steps of other sessions that may have got their locks after this one
    bool empty = false;  ///< it does nothing that matters to others
};

/// A session while its requests are planned.
struct PlannedSession {
    struct Statement {
        ParsedTextPtr text;
        std::size_t index = 0;  ///< which statement of the text
        std::vector<std::uint32_t> types;
    };
    struct Portal {
        Footprint footprint;  ///< what its execution does; a pure reader's was done by the Bind
        sql::TransactionAct act = sql::TransactionAct::none;
        bool and_chain = false;
        sql::Isolation isolation = sql::Isolation::unsaid;
        bool session_isolation = false;
    };
    struct Waiting {
        PlannedEvent planned;
        std::uint64_t number = 0;
        Timestamp time;
        Timestamp first_answer;  ///< of those that it waits for; unknown: none was there yet
        std::uint32_t late = 0;  ///< answers that it has to wait for before its plan is complete
    };
    struct Transaction {
        bool open = false;  ///< by BEGIN
        Progress since;     ///< locks taken before are not held any more
        sql::Isolation isolation = sql::Isolation::unsaid;
        bool ambiguous = false;  ///< it is open whether another came before it
        bool snapshot = false;  ///< of an isolation that keeps it: taken
        std::vector<RowAccess> writes;
        std::vector<RowAccess> locks;
        bool wrote_anything = false;  ///< more than is listed
    };

    static constexpr std::size_t kMaxNames = 100'000;
    static constexpr std::size_t kMaxListed = 20'000;  ///< rows of one transaction; more count as any row

    SessionIndex index = 0;
    std::unordered_map<Bytes, Statement> statements;
    std::unordered_map<Bytes, Portal> portals;
    SnapshotViews views;
    std::deque<PlannedStep> steps;
    std::deque<Waiting> waiting;
    Transaction transaction;
    sql::Isolation default_isolation = sql::Isolation::unsaid;
    std::unordered_map<SessionIndex, Progress> waited;  ///< what earlier requests of the session waited for
    FrameScanner scanner{std::size_t{1} << 20U};
    Ordinal scanning;
    std::uint32_t next_step = 0;
    Progress asked;                 ///< so far
    Timestamp last_asked;
    Progress answered;
    bool sync_asked = false;        ///< the end of the exchange being asked
    bool exchange_effects = false;  ///< the exchange being asked may commit something
    std::uint32_t ends_asked = 0;   ///< COMMITs and ROLLBACKs that are not answered
    std::vector<std::uint64_t> held;  ///< requests that wait for whether another's got a lock before them
    /// The current exchange, committed by itself, took effect before this (unknown: when it was answered).
    Timestamp place;
    /// The last request of each exchange that may commit something, until its ReadyForQuery.
    std::deque<std::pair<Ordinal, std::uint64_t>> ready_requests;
    Timestamp last_ready;  ///< when the last exchange was over
    bool closed = false;
};

inline Unit unit_of(const PlannedSession& session, const PlannedStep& step) {
    return {session.index, Progress(step.ordinal, step.step + 1)};
}

}  // namespace understudy::replay
