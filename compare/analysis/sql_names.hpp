#pragma once

#include <optional>

#include "core/base/bytes.hpp"

namespace understudy::compare {

/// A prepared statement or a cursor that SQL names. Both share their names with the protocol's statements and portals.
struct SqlName {
    bool portal = false;  ///< a cursor
    Bytes name;
};

/// What PREPARE or DECLARE makes; nothing for another statement.
std::optional<SqlName> name_made(BytesView statement);
/// What EXECUTE, DEALLOCATE, FETCH, MOVE or CLOSE needs; nothing for another statement, and for ALL.
std::optional<SqlName> name_needed(BytesView statement);

}  // namespace understudy::compare
