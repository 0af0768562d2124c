#pragma once

#include <map>
#include <vector>

#include "compare/analysis/statement_facts.hpp"

namespace understudy::compare {

/// The open cursors of one session, on the baseline and one other side: a cursor's rows come in pages, by FETCH or by
/// Execute messages with a row limit (PostgreSQL docs, "FETCH"; "Extended Query": PortalSuspended), and where the
/// statement leaves their order open, the server may deal the same rows out to other pages. So rows that differ are put
/// off until the cursor is read to its end, or closed, and judged all together then.
class OpenCursors {
public:
    static constexpr std::size_t kMaxCursors = 1'000;      ///< of one session; pages of more are judged one by one
    static constexpr std::size_t kMaxKeptRows = 1'000;     ///< of one cursor and side, to be shown
    static constexpr std::size_t kMaxKeptCells = 100'000;  ///< likewise, hashes

    /// A cursor of SQL (DECLARE), or a portal of the protocol; both share one space of names.
    struct Page {
        Bytes name;
        bool declared = false;
    };
    /// What was put off: all differing pages of one cursor together.
    struct PutOff {
        StepContext context;  ///< of the first page that differed
        std::uint32_t step = 0;
        StepResult baseline;
        StepResult other;
        StatementOrder order;
    };

    /// DECLARE was answered.
    void on_declared(const StepContext& context, std::uint32_t step);
    /// The cursor that the step reads on, if it reads forward and this class knows it.
    [[nodiscard]] std::optional<Page> page_of(const StepContext* context, std::uint32_t step, const StepResult& a,
                                              const StepResult& b) const;
    /// How the cursor's own statement orders its rows.
    [[nodiscard]] StatementOrder order_of(const Page& page, const StepContext* context, std::uint32_t step,
                                          FactsCache& facts) const;
    /// Takes the rows of a differing page. False: they have to be judged at once, as the statement orders them and not
    /// only ties went to another page, or too many cursors are open.
    bool put_off(const Page& page, const StepContext& context, std::uint32_t step, const StepResult& a,
                 const StepResult& b, const StatementOrder& order);
    /// The cursor ended: what was put off, if the pages together still differ.
    std::optional<PutOff> end(const Bytes& name);
    /// A transaction ended, and with it all cursors but those WITH HOLD (all of them: CLOSE ALL, DISCARD ALL).
    std::vector<PutOff> end_all(bool holdable_too);

    [[nodiscard]] bool empty() const { return cursors_.empty(); }
    /// Cursors with rows put off.
    [[nodiscard]] std::size_t pending() const;

private:
    struct Cursor {
        std::optional<StepContext> declared;  ///< where; nothing: a portal
        std::uint32_t declared_step = 0;
        bool hold = false;
        std::optional<PutOff> put_off;
    };
    std::map<Bytes, Cursor> cursors_;
};

/// Whether the statement, answered with this tag, ends a transaction; ROLLBACK TO SAVEPOINT, of the same tag, does not.
bool ends_whole_transaction(BytesView tag, BytesView statement);
/// Whether FETCH's words only ever go on: no direction, NEXT, FORWARD, a count, or ALL (docs, "FETCH").
bool fetches_forward(BytesView statement);

}  // namespace understudy::compare
