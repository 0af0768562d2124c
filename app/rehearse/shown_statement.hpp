#pragma once

#include <string>

#include "core/base/bytes.hpp"

namespace understudy::app {

/// A statement for one line of a report: without comments, string constants as '…', at most `limit` bytes. Pure.
std::string shown_statement(BytesView statement, std::size_t limit = 80);

}  // namespace understudy::app
