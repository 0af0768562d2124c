#pragma once

#include <set>

#include "core/base/bytes.hpp"

namespace understudy::app {

/// The roles that the text of a schema dump names and takes for granted: OWNER TO, GRANT … TO, REVOKE … FROM, FOR ROLE,
/// AUTHORIZATION. Pure; names more only for texts that are no dump.
std::set<Bytes> roles_of_dump(BytesView dump);

}  // namespace understudy::app
