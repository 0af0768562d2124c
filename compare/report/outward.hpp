#pragma once

#include "compare/report/report.hpp"
#include "core/exchange/result_digest.hpp"

namespace understudy::compare {

/// The report for eyes outside: each value of a request or a row is a placeholder of its type with the beginning of its
/// keyed digest ("‹integer 1f3a›", equal for equal values), comments of SQL are left out, and what messages quote of
/// data is a digest. Names of tables, columns, roles and applications stay.
Report outward(Report report, const Digester& digester);

/// SQL with its constants as placeholders.
Bytes without_values(BytesView sql, const Digester& digester);

}  // namespace understudy::compare
