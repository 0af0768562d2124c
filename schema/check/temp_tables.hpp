#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::schema {

/// A statement that makes a temporary table, view or sequence, as it can be repeated without any row.
struct TempCreation {
    Bytes name;  ///< folded
    Bytes sql;   ///< without its query's rows: … AS SELECT … WITH NO DATA, which executes nothing (docs, "CREATE TABLE AS")
    bool from_query = false;  ///< CREATE TABLE … AS, SELECT … INTO: a Parse analyses it by itself
};

/// Nothing for any other statement, and for those that cannot be repeated so: with parameters, with AS EXECUTE, several
/// statements in one text, texts above 64 KiB.
std::optional<TempCreation> temp_creation(BytesView sql);

/// The temporary tables that one session has, followed through its statements: CREATE TEMP …, SELECT … INTO TEMP, DROP,
/// DISCARD TEMP and ALL. What a transaction's end takes away (ON COMMIT DROP, ROLLBACK) is kept: having a table too many
/// harms nothing.
class TempTables {
public:
    static constexpr std::size_t kMaxTables = 200;

    /// Takes note of one statement that the session ran.
    void on_statement(BytesView sql);
    /// The statements that make those that `sql` names, and those that these name, in their order.
    [[nodiscard]] std::vector<Bytes> needed_by(BytesView sql) const;
    /// False for statements that on_statement() ignores: a fast test.
    static bool may_change(BytesView sql);

private:
    std::vector<TempCreation> tables_;
};

}  // namespace understudy::schema
