#pragma once

#include <string>

#include "core/base/error.hpp"

namespace understudy::catalog {

/// A connection string taken apart and written again as keywords.
struct ConninfoParts {
    std::string keywords;  ///< "host='…' dbname='…'", without the password
    std::string password;  ///< empty when the string has none
    std::string database;  ///< empty when the string has none
    std::string url;       ///< the same as postgresql://…, with the password: for tools that take nothing else
    /// Everything in one string.
    [[nodiscard]] std::string whole() const;
};

/// The same connection to another database of the server. An empty `database` leaves it as it is. Environment, service
/// and password files are left for whoever connects. Errors: Errc::usage for a string that does not parse (not repeated
/// in the message, as it may hold a password).
Result<ConninfoParts> conninfo_with_database(const std::string& conninfo, const std::string& database);

}  // namespace understudy::catalog
