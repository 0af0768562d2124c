#pragma once

#include <cstdint>
#include <string_view>

#include "compare/diff/divergence.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::compare {

/// What kind of thing is behind a finding.
enum class Cause : std::uint8_t {
    schema,  ///< the statement and the candidate's schema do not fit
    data,    ///< the answers' content
    privilege,
    lock_or_timeout,
    replay_artefact,  ///< comes of replaying, most likely not of the change
    environment,      ///< the server or the connection failed
};
std::string_view to_string(Cause cause);

/// By kind, and for errors by SQLSTATE (PostgreSQL docs, appendix A) and, where that says nothing, by their text.
Cause cause_of(const Divergence& divergence);

/// 40001, 40P01, 55P03, 57014: whether they happen depends on the timing.
bool is_concurrency(BytesView sqlstate);

/// One sentence that says what happened. `traits` are those of the statement, `sqlstate`, `baseline` and `candidate` as
/// in Divergence.
Bytes explain(const Divergence& divergence, const sql::StatementTraits& traits);

}  // namespace understudy::compare
