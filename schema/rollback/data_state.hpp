#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "schema/rollback/state.hpp"

namespace understudy::schema {

struct DataReadLimits {
    Duration statement_timeout = Duration::seconds(600);  ///< of one table's digest
    Duration lock_timeout = Duration::seconds(10);
    std::uint64_t rows_compared = 500'000;  ///< larger tables' changed rows are counted from digests only
    std::set<std::string> ignored_tables;   ///< by plain name: the migration tools' own
};

/// Digests of every user table, computed by the server, one query a table, in one snapshot. Keys are those of `like`
/// where it has the table, so that both can be compared whatever the primary key is now. Values are compared as text
/// under fixed settings. Errors: Errc::io and Errc::usage of the connection; a table that cannot be read is marked so.
Result<DataState> read_data_state(const std::string& conninfo, const DataReadLimits& limits,
                                  const DataState* like = nullptr);

/// The changes with rows counted exactly where a table has a key and is not too large: both databases are read row by
/// row.
Result<std::vector<DataChange>> count_rows(const std::string& before, const std::string& after, const DataState& was,
                                           const DataState& is, std::vector<DataChange> changes,
                                           const DataReadLimits& limits);

}  // namespace understudy::schema
