#pragma once

#include <string>

#include "core/catalog/function_volatility.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::replay {

/// Why a statement may do more than read, or empty when it does not: decided by its parse tree and by the volatility of
/// every function that it calls, never by keywords. Transaction control and what changes only its session
/// (`session_only`: SET, PREPARE, FETCH …) pass. What stands in views, rules, triggers, operators and row security is
/// not in the statement; sessions are run with default_transaction_read_only for that.
///
/// Of PostgreSQL's own volatile functions a reviewed list passes: those that only tell something that changes (random,
/// clock_timestamp, pg_relation_size …) or act on the session (set_config). nextval, setval, the large-object
/// functions, advisory locks and pg_notify are not among them.
std::string why_not_read_only(const sql::StatementTraits& traits, bool session_only,
                              const catalog::FunctionVolatility& functions);

}  // namespace understudy::replay
