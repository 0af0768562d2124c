#pragma once

#include <map>
#include <utility>
#include <vector>

#include "core/base/time.hpp"
#include "core/sql/ddl_effects.hpp"
#include "core/sql/fingerprint.hpp"

namespace understudy::schema::hazard {

/// One shape of statement that was recorded.
struct StatementTraffic {
    sql::Fingerprint fingerprint;
    Bytes text;  ///< normalised: no constants
    std::uint64_t calls = 0;
    Timestamp last;
};

/// What was recorded of one relation, by the name that statements wrote.
struct RelationTraffic {
    std::uint64_t reads = 0;           ///< calls of statements that only read it, row locks included
    std::uint64_t writes = 0;          ///< that insert, update or delete
    std::uint64_t busiest_minute = 0;  ///< calls in the busiest minute
    Duration longest_transaction;  ///< from its first statement on the relation to its end: what a lock must wait for
    Bytes longest_application;     ///< whose that was
    std::vector<std::size_t> statements;  ///< indexes into Traffic::statements
};

/// What a capture says of the use of each table.
struct Traffic {
    Duration span;  ///< of the recording; zero: there is none
    std::map<sql::RelationName, RelationTraffic> relations;
    std::vector<StatementTraffic> statements;
    /// Transactions that touched the first relation before the second, by names as written.
    std::map<std::pair<sql::RelationName, sql::RelationName>, std::uint64_t> orders;
    std::uint64_t calls = 0;
    std::uint64_t unparsed = 0;      ///< calls of statements that the parser refuses: on no table
    std::uint64_t unknown = 0;       ///< executions of statements whose text was never recorded
    std::uint64_t unreadable = 0;    ///< exchanges with lost bytes or a message that is too long
    std::uint64_t beyond_limit = 0;  ///< calls beyond the collector's limits

    [[nodiscard]] bool known() const { return span > Duration(); }
};

/// A table's traffic, from all names that may mean it: with its schema, or without any.
struct TableTraffic {
    double reads = 0;  ///< calls a second, on average
    double writes = 0;
    double busiest = 0;  ///< calls a second in the busiest minute (of the names together, an upper bound)
    Duration longest_transaction;
    Bytes longest_application;
    std::vector<std::size_t> statements;
};
TableTraffic traffic_of(const Traffic& traffic, const sql::RelationName& table);
/// How many recorded transactions touched `first` before `second`.
std::uint64_t transactions_in_order(const Traffic& traffic, const sql::RelationName& first,
                                    const sql::RelationName& second);

}  // namespace understudy::schema::hazard
