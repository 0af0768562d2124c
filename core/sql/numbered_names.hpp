#pragma once

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// The names in `sql` that hold a number of several digits, in order and separated by commas. libpg_query's fingerprint
/// leaves such numbers out of the names of relations (`_fingerprintRangeVar` in pg_query_fingerprint.c), so that partitions
/// fall together; but orders_2023 and orders_2024 are two tables, of which one may lose a column. Left out are aliases after
/// AS, and the names that a session gives to savepoints, cursors and prepared statements, which are often counted up. Never
/// fails. Thread-safe.
Bytes numbered_names(BytesView sql);

}  // namespace understudy::sql
