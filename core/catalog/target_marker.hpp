#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::catalog {

// The interlock against replaying into production. A database says of itself that it may be replayed into: a
// setting of the database (or, where only a superuser may set that, its comment) names the server's own
// system identifier:
//
//     ALTER DATABASE shop SET understudy.target = 'staging:7331928374652819281'
//
// A physical copy of production has production's identifier, which the marker of a staging server does not
// name; a dump of staging restored into production carries a marker that names staging. Everything here is
// pure; who asks the server is the replayer, on each of its data connections, and `understudy target`.

/// "staging:IDENTIFIER".
std::string marker_text(std::uint64_t system_identifier);

/// A system identifier in decimal, as pg_controldata (unsigned) or pg_control_system() (signed) shows it.
/// Nothing for what is not one, 0 included.
std::optional<std::uint64_t> parse_system_identifier(BytesView text);

/// The SQL expression of the server's identifier as text, NULL where this role may not read it. Never raises
/// an error: the executor checks a function's privilege even in a branch of CASE that is not taken, so the
/// call is kept in a text that only the branch taken executes.
inline constexpr BytesView kSystemIdentifierSql =
    "case when pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute') then "
    "pg_catalog.substring("
    "pg_catalog.query_to_xml('select system_identifier from pg_catalog.pg_control_system()', false, false, "
    "'')::text, "
    "'<system_identifier>(-?[0-9]+)<') end";

inline constexpr std::size_t kMarkerColumns = 8;
/// One row of kMarkerColumns columns, for parse_target_facts(). One statement, any role, no effect. The
/// setting is read from pg_db_role_setting: what current_setting() says could have been set by the session
/// itself.
extern const std::string kMarkerQuery;

/// What a server says of itself.
struct TargetFacts {
    std::optional<std::uint64_t> system_identifier;  ///< nothing when the role may not read it
    std::optional<Bytes> setting;  ///< understudy.target of the database; several are joined by newlines
    std::optional<Bytes> comment;  ///< of the database
    bool in_recovery = false;
    Bytes server_version;
    Bytes database;
    Bytes user;
    bool superuser = false;
    friend bool operator==(const TargetFacts&, const TargetFacts&) = default;
};

/// The facts from the row of kMarkerQuery in text format. Errors: Errc::protocol when it is not such a row.
Result<TargetFacts> parse_target_facts(const std::vector<std::optional<BytesView>>& row);

/// Where a marker stands, and which server it names.
struct FoundMarker {
    enum class Place { setting, comment };
    Place place = Place::setting;
    std::optional<std::uint64_t> identifier;  ///< nothing: it is not of the form staging:IDENTIFIER
};
/// The database's marker: its setting, else the one in its comment (of several there, the server's own before
/// others).
std::optional<FoundMarker> find_marker(const TargetFacts& facts);

/// The comment with the server's marker put in or, for std::nullopt, with all markers taken out; other text
/// is kept.
Bytes comment_with_marker(BytesView comment, std::optional<std::uint64_t> system_identifier);

/// Whether recorded traffic may be replayed into this database. What is known of production: the identifier
/// that the capture recorded (0: none), the one given as --production-id, and whether --production-id none
/// was said ("I know, and it is not this server"), which stands in for the recorded one only where there is
/// none. Errors: Errc::refused, saying what to do about it.
Result<void> judge_target(const TargetFacts& facts, std::uint64_t recorded_system_identifier,
                          std::optional<std::uint64_t> production_id_given, bool production_id_none);

}  // namespace understudy::catalog
