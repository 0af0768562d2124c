#pragma once

#include "core/exchange/result_digest.hpp"
#include "core/model/step.hpp"

namespace understudy {

/// What a digest or sample capture keeps of an ErrorResponse or NoticeResponse. SQLSTATE, severity, the names of
/// schema, table, column, type and constraint, position and source place stay; DETAIL, CONTEXT and the internal query
/// become "digest:…", and so does the text of notices and of RAISE (class P0). Quoted parts of other texts become
/// digests too, unless the SQLSTATE's class (42 and 23 among them) quotes only the statement or the catalogue, never
/// stored values. `statement_too`: what a syntax error quotes of the statement becomes a digest as well.
ServerMessage without_user_data(ServerMessage message, bool is_notice, const Digester& digester,
                                bool statement_too = false);

}  // namespace understudy
