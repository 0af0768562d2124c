#pragma once

#include <string>

#include "core/base/error.hpp"

namespace understudy::app {

/// A migration larger than this is refused.
inline constexpr std::size_t kMaxSqlFile = std::size_t{64} << 20U;

/// A whole SQL file, without a byte order mark. Errors: Errc::io; Errc::limit beyond kMaxSqlFile.
Result<std::string> read_sql_file(const std::string& path);

}  // namespace understudy::app
