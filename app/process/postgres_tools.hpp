#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace understudy::app {

/// One of PostgreSQL's own programs (pg_dump, psql, initdb …) on this machine.
struct PostgresTool {
    std::string path;
    int major = 0;        ///< 15
    std::string version;  ///< "15.6 (Debian 15.6-0+deb12u1)"
};

/// "pg_dump (PostgreSQL) 15.6 (Debian …)" as --version prints it; the path stays empty, and the major is 0 for text of
/// another form.
PostgresTool parse_tool_version(const std::string& text);

/// The directories where PostgreSQL's programs may be: `given` alone unless it is empty, else those of PATH, and then
/// /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin and /usr/local/pgsql/bin, newest first.
std::vector<std::string> tool_directories(const std::string& given);

/// The tools of one directory that has them all and is at least of version `min_major`: the first of the list that is
/// of exactly that major, else the first that is newer. Errors: Errc::io, saying what was looked for and where, and the
/// version of what is too old.
Result<std::vector<PostgresTool>> find_postgres_tools(const std::vector<std::string>& names, const std::string& given,
                                                      int min_major);

}  // namespace understudy::app
