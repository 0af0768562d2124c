#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::catalog {

/// What of a schema a statement depends on, as values that can be kept and compared later. All are SHA-256, 64
/// hexadecimal digits. They change when, and with few exceptions only when, something changes that can make a statement
/// be parsed, described, planned or answered otherwise.
///
/// Not in them, because no snapshot holds it: roles' memberships and attributes, rows and statistics, settings of the
/// server itself, the session's own temporary tables.
struct ObjectFingerprints {
    /// What any statement depends on, whatever it names: the server's version, the database, settings, extensions,
    /// casts, operators and their classes, collations, text search, foreign servers, publications, event triggers, and
    /// what could not be read.
    std::string environment;
    /// Of each relation, sequence, type, function and schema: itself with all that belongs to it (columns, constraints,
    /// indexes, triggers, rules, policies, privileges), and with everything that it uses, however far away: what a view
    /// reads, the types of columns, what defaults, triggers and bodies call, parents and partitions, tables that a
    /// cascading foreign key reaches. Comments are left out. Texts in bodies that are put together at run time are not
    /// followed.
    std::map<ObjectIdentity, std::string> objects;
    /// By bare name, as the catalogues have it: all of `objects` that are called so, in whatever schema, functions with
    /// whatever arguments. A name's value thus also changes when a new table takes precedence in a search_path, or when
    /// another overload appears. A name that nothing has is absent.
    std::map<Bytes, std::string, std::less<>> names;

    /// Of the whole schema: for statements whose names cannot be told.
    std::string whole;

    /// Of everything that the statement can depend on: the environment and each name in it, names in string constants
    /// too. By the text alone, so that it holds for every search_path and role; a word that happens to be a table's
    /// name counts, which can only make it change too often. Any bytes are allowed; linear in their number.
    [[nodiscard]] std::string of_statement(BytesView sql) const;
};

/// Pure; the snapshot has to be sorted. Takes time and memory in proportion to the snapshot's size and the references
/// in it. Equal for equal schemas as fingerprint() is, on servers of one version (server_version_num).
ObjectFingerprints object_fingerprints(const Snapshot& snapshot);

}  // namespace understudy::catalog
