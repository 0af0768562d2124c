#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::net {

/// Connection parameters by keyword.
using ServiceSettings = std::map<std::string, std::string>;

/// The settings of one service in the text of a service file; nothing when it is not in there (PostgreSQL docs, "The
/// Connection Service File"): [name], then keyword=value lines, '#' begins a comment, the first value of a keyword
/// counts. Errors: Errc::usage with the line's number for one that is neither, for a service inside a service, and for
/// LDAP look-ups. `file`: for messages.
Result<std::optional<ServiceSettings>> parse_service(BytesView text, const std::string& service,
                                                     const std::string& file);

/// Where services are defined.
struct ServiceFiles {
    std::string user;         ///< PGSERVICEFILE, or ~/.pg_service.conf
    bool user_given = false;  ///< by name: it has to be there
    std::string system;       ///< $PGSYSCONFDIR/pg_service.conf
};
/// The settings of a service, from the user's file or else the system's. Errors: Errc::usage, Errc::io.
Result<ServiceSettings> find_service(const std::string& service, const ServiceFiles& files);

}  // namespace understudy::net
