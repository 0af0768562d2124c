#pragma once

#include <string>

#include "schema/check/recorded_statement.hpp"

namespace understudy::schema {

/// The search_path that a session of that user would begin with: the settings of role and database in their precedence
/// (docs, "ALTER ROLE"), else the server's. Asked for each user, since the check connects as another one.
std::string default_path_query(BytesView user);

/// This server's OID of a type.
std::string type_oid_query(const TypeIdentity& type);

}  // namespace understudy::schema
