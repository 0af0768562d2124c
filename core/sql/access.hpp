#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::sql {

// Which rows of which relations a statement reads, locks and stores, as far as its text tells: the ground for the order
// of a replay and for the remapping of generated values. Unlike value_places(), which rather names too many columns,
// nothing is claimed here that does not surely hold.

/// A constant (no TRUE or NULL, except that TRUE and FALSE are arguments of functions) or a parameter in the text.
struct ValueRef {
    std::uint32_t parameter = 0;  ///< n of $n; 0: a literal
    std::size_t offset = 0;       ///< in the text, the sign of a number included
    std::size_t length = 0;
    bool array = false;  ///< it holds the values as elements of an array: id = ANY($1), unnest($1)

    friend bool operator==(const ValueRef&, const ValueRef&) = default;
};

/// The column is equal to one of these.
struct ColumnValues {
    Bytes column;
    std::vector<ValueRef> values;

    friend bool operator==(const ColumnValues&, const ColumnValues&) = default;
};

enum class AccessKind : std::uint8_t {
    read,
    lock,  ///< SELECT … FOR UPDATE and its kind: also a read
    insert,
    update,
    delete_,
    whole,  ///< the relation itself: TRUNCATE, LOCK, DDL, REFRESH
};

/// PostgreSQL docs, "Row-Level Locks", weakest first.
enum class RowLock : std::uint8_t { none, key_share, share, no_key_update, update };

/// One relation in one role. A statement has one for each place where it names a relation, those in subqueries and
/// CTEs included; the names of its own CTEs are not among them.
struct RelationAccess {
    Bytes schema;  ///< as written; empty if none was
    Bytes name;
    AccessKind kind = AccessKind::read;
    RowLock lock = RowLock::none;  ///< of AccessKind::lock
    bool skip_locked = false;      ///< SKIP LOCKED: which rows come is a choice
    bool nowait = false;
    /// What holds for every row that is read, locked, updated or deleted: column equal to one of the values. Only
    /// conjuncts of WHERE and of inner joins, also through columns that are equated (o.id = i.order_id and o.id = $1).
    /// `WHERE CURRENT OF` gives nothing. Casts around the value are looked through, unless they have a length or
    /// precision or round a number; a cast of a parameter to another type than its own is not seen.
    std::vector<ColumnValues> equal;
    /// UPDATE: the columns that are set, also by ON CONFLICT DO UPDATE (which is an access of kind update of its own,
    /// after that of kind insert, without `equal`).
    std::vector<Bytes> sets;
    /// INSERT … VALUES: for each row the columns that get a plain value. A column that is not listed here gets its
    /// default, an expression, or is not known.
    std::vector<std::vector<ColumnValues>> rows;
    /// INSERT: the columns that are given at all, in their order; empty: no list, so the first columns of the table
    /// (those of `rows` are then named by position, "1", "2" …).
    std::vector<Bytes> columns;
    /// INSERT: it is a VALUES list (or DEFAULT VALUES), all of whose rows are in `rows`; not beyond kMaxRowValues.
    bool rows_known = false;
    bool conflict_skips = false;    ///< ON CONFLICT DO NOTHING
    bool conflict_updates = false;  ///< ON CONFLICT DO UPDATE

    friend bool operator==(const RelationAccess&, const RelationAccess&) = default;
};

/// A value that is stored into, or compared with, exactly this column, unchanged: through casts and parentheses, but no
/// operator or function; also through a subquery, VALUES list or unnest() that hands it on. One value may have several
/// ties.
struct ValueTie {
    /// = and IN, also negated, and IS DISTINCT FROM; < > BETWEEN; INSERT, SET
    enum class Use : std::uint8_t { equal, range, stored };

    ValueRef value;
    Bytes schema;  ///< of the table as written
    Bytes table;
    Bytes column;              ///< empty: that at `position`
    std::size_t position = 0;  ///< from 1, of an INSERT without a column list
    Use use = Use::equal;

    friend bool operator==(const ValueTie&, const ValueTie&) = default;
};

/// A call, for what is to be known of volatile functions, sequences and advisory locks.
struct FunctionUse {
    Bytes schema;                                    ///< as written
    Bytes name;                                      ///< folded
    std::vector<std::optional<ValueRef>> arguments;  ///< nothing for one that is no plain value
    /// The call is by itself column n (from 1) of the statement's answer: SELECT nextval('s'), … Of PREPARE and
    /// DECLARE: of what EXECUTE and FETCH answer.
    std::size_t output = 0;

    friend bool operator==(const FunctionUse&, const FunctionUse&) = default;
};

enum class TransactionAct : std::uint8_t {
    none,
    begin,
    commit,    ///< COMMIT, END, COMMIT PREPARED
    rollback,  ///< ROLLBACK, ABORT, ROLLBACK PREPARED
    savepoint,
    release,
    rollback_to,
    prepare,  ///< PREPARE TRANSACTION
    /// SET TRANSACTION ISOLATION LEVEL, SET SESSION CHARACTERISTICS, SET default_transaction_isolation …; with
    /// Isolation::unsaid (RESET, DISCARD ALL) it is again what the session started with.
    set_isolation,
};

enum class Isolation : std::uint8_t { unsaid, read_committed, repeatable_read, serializable };

struct StatementAccess {
    std::size_t begin = 0;  ///< of the statement in the text
    std::size_t end = 0;
    StatementKind kind = StatementKind::unknown;  ///< of PREPARE, DECLARE and EXPLAIN themselves
    TransactionAct transaction = TransactionAct::none;
    bool and_chain = false;  ///< COMMIT AND CHAIN, ROLLBACK AND CHAIN
    Isolation isolation = Isolation::unsaid;
    bool session_isolation = false;  ///< it is that of later transactions too
    std::vector<RelationAccess> relations;
    std::vector<ValueTie> ties;  ///< by offset of the value, unique
    bool ties_cut = false;       ///< there are more than kMaxTies: some are left out
    std::vector<FunctionUse> functions;
    Bytes prepares;  ///< PREPARE: the name; relations, ties and parameters are those of the prepared statement
    Bytes executes;  ///< EXECUTE: the name; its arguments follow
    std::vector<std::optional<ValueRef>> arguments;
    Bytes declares;  ///< DECLARE CURSOR: the name; relations are those of its query
    Bytes fetches;   ///< FETCH, MOVE
    /// It may do anything: DO, CALL, DDL that names no relation or only an index, … CASCADE, more than kMaxAccesses
    /// relations or function calls, and what has no rules here.
    bool opaque = false;

    friend bool operator==(const StatementAccess&, const StatementAccess&) = default;
};

/// Beyond these many values in the rows of a statement's INSERTs, rows are not known; and no column is said to be equal
/// to one of more.
inline constexpr std::size_t kMaxRowValues = 10'000;
inline constexpr std::size_t kMaxTies = 100'000;
inline constexpr std::size_t kMaxAccesses = 10'000;

/// Whether a table, as it is written, has the column; nothing if that is not known. Names as the server folds them.
using ColumnLookup = std::function<std::optional<bool>(BytesView schema, BytesView table, BytesView column)>;

/// One for each statement of `sql`, in order. Nothing if the parser refused the text (then everything is possible).
/// What views, rules, triggers and functions do is not in the text. A column that is named without its table is only
/// known where FROM has one relation, or where `has_column` leaves one. Thread-safe as `has_column` is. Never fails
/// otherwise.
std::optional<std::vector<StatementAccess>> statement_accesses(BytesView sql, const ColumnLookup& has_column = {});

}  // namespace understudy::sql
