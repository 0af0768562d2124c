#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::app {

/// One privilege on a database (an aclitem's part; PostgreSQL docs, "Privileges").
struct DatabaseGrant {
    Bytes grantor;
    Bytes grantee;    ///< empty: PUBLIC
    Bytes privilege;  ///< CREATE, CONNECT, TEMPORARY
    bool grantable = false;
    friend bool operator==(const DatabaseGrant&, const DatabaseGrant&) = default;
};

/// One setting of a database, or of a role in it (pg_db_role_setting).
struct DatabaseSetting {
    Bytes role;  ///< empty: for everybody
    Bytes name;
    Bytes value;  ///< as the catalogue holds it
    friend bool operator==(const DatabaseSetting&, const DatabaseSetting&) = default;
};

/// What belongs to a database and is not in it: CREATE DATABASE … TEMPLATE copies none of it (PostgreSQL docs,
/// "Template Databases"), except where it stands in CREATE DATABASE's own options.
struct DatabaseFacts {
    Bytes name;
    Bytes owner;
    bool may_be_owner = false;  ///< the connection's role can create a database for the owner
    Bytes encoding;
    Bytes collate;
    Bytes ctype;
    char locale_provider = 'c';  ///< c: libc, i: ICU, b: built in (PostgreSQL 15 and later)
    Bytes locale;                ///< of ICU or of the built-in provider
    Bytes icu_rules;
    Bytes tablespace;
    std::int32_t connection_limit = -1;
    Bytes comment;
    bool default_acl = true;  ///< no GRANT or REVOKE was ever said
    std::vector<DatabaseGrant> grants;
    std::vector<DatabaseSetting> settings;
    std::int64_t size = 0;  ///< in bytes; 0 where the role may not ask
};

/// Asks for a database of the same server, by name. Errors: as ControlConnection's; Errc::usage when there is none.
Result<DatabaseFacts> read_database_facts(catalog::ControlConnection& connection, const Bytes& name);

}  // namespace understudy::app
