#pragma once

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// Whether a statement changes, if anything, only what its session holds: SET, RESET, SHOW, PREPARE, EXECUTE,
/// DEALLOCATE, FETCH, MOVE, CLOSE, DISCARD, LISTEN, UNLISTEN, SET CONSTRAINTS. What an EXECUTE or a FETCH runs is to be
/// judged where it was prepared or declared. Transaction control is not among them. Of several statements, all must be
/// such; false for what the parser refuses.
bool changes_session_only(BytesView statement);

}  // namespace understudy::sql
