#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::catalog {

/// How a query is cut into pieces, so that none takes long or holds many locks.
struct PartPieces {
    std::string of;  ///< "pg_class where relkind = 'v'": whose OIDs the pieces are ranges of; empty: there is one piece
    std::string oid;       ///< what the query calls the OID: "c.oid"
    std::size_t rows = 0;  ///< in a piece
};

/// What has columns, in pieces that two connections can share.
inline const PartPieces kTablesInPieces{"pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'c')", "c.oid", 400};

/// A query of the catalogues and what its columns become. Columns: kind, schema, relation, name, then the properties.
/// NULL: the property has its default. The text "$range" in it stands for the condition of a piece; "$members" for the
/// OIDs of rows of the catalogue `members` that another object stands for, such as its extension.
struct SnapshotPart {
    std::string what;     ///< for messages: "columns"
    std::string members;  ///< "pg_class" …; or empty
    PartPieces pieces;
    /// "name": text; "name[]": a text[] column; "name=" and "name[]=": definitions, brought
    /// to their canonical form.
    std::vector<std::string> properties;
    std::string sql;
};

/// Everything that a snapshot consists of, for a server of this version (server_version_num). Sources: PostgreSQL docs,
/// "System Catalogs".
std::vector<SnapshotPart> snapshot_parts(int version);

// The same by subject.
std::vector<SnapshotPart> relation_parts(int version);
std::vector<SnapshotPart> table_object_parts(int version);
std::vector<SnapshotPart> function_and_type_parts(int version);
std::vector<SnapshotPart> database_parts(int version);
std::vector<SnapshotPart> operator_and_text_search_parts(int version);

namespace snapshot_sql {

/// 'yes' where the condition holds, else NULL.
std::string flag(const std::string& condition);
/// The sorted access list, or NULL where it says what the defaults say (docs "Privileges"). `letter`: as of
/// acldefault().
std::string access(const std::string& acl, char letter, const std::string& owner);
/// The comment on an object, or on a part of it, by pg_description's index.
std::string comment(const std::string& catalogue, const std::string& oid, const std::string& part = "0");
std::string owner(const std::string& oid);
/// A text[] sorted by bytes.
std::string sorted(const std::string& array);
/// Options of foreign-data wrappers, as name=value; values that may be secrets are withheld.
std::string options(const std::string& array);
/// A schema-qualified name.
std::string qualified(const std::string& schema, const std::string& name);

}  // namespace snapshot_sql
}  // namespace understudy::catalog
