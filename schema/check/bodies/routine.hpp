#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "schema/check/predict/schema_facts.hpp"

namespace understudy::schema {

/// A function or procedure whose body can be looked at: of language sql or plpgsql, not an extension's.
struct Routine {
    struct Argument {
        Bytes name;  ///< empty: it has none
        Bytes type;  ///< with its schema, unless that is pg_catalog
    };
    Bytes schema;
    Bytes name;
    Bytes signature;  ///< "public.owed(integer)": the same in every copy of the database
    Bytes language;
    Bytes validator;                   ///< the language's, of pg_catalog: "fmgr_sql_validator"
    Bytes definition;                  ///< its CREATE FUNCTION statement; empty beyond 64 KiB
    std::vector<Argument> arguments;   ///< OUT and TABLE ones as well, in their order
    std::optional<Bytes> search_path;  ///< its own setting
    std::size_t least_arguments = 0;  ///< that a call may have
    std::size_t most_arguments = 0;
    bool security_definer = false;
    bool of_triggers = false;  ///< RETURNS trigger
};

/// A trigger that runs a routine.
struct RoutineTrigger {
    Bytes name;
    Bytes signature;
    std::set<char> events;    ///< i, u, d
    std::set<Bytes> columns;  ///< UPDATE OF; empty: any
};

/// Which routines there are and what runs them.
struct Routines {
    std::vector<Routine> all;
    std::map<QualifiedName, std::vector<std::size_t>> by_name;
    std::map<Bytes, std::size_t> by_signature;
    std::map<QualifiedName, std::vector<RoutineTrigger>> triggers;  ///< enabled ones, by their relation
    /// What views, defaults, checks and policies of a relation call: signatures.
    std::map<QualifiedName, std::set<Bytes>> called_by_relation;
    std::map<QualifiedName, std::set<QualifiedName>> relations_of_view;
    std::uint64_t beyond_limit = 0;  ///< routines that were not read
};

/// Beyond these many routines, or definitions of 64 MiB together, the rest is counted.
inline constexpr std::size_t kMaxRoutines = 20'000;

/// Reads them from one database, read-only. Errors: as ControlConnection's.
Result<Routines> read_routines(const std::string& conninfo);

}  // namespace understudy::schema
