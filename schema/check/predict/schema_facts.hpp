#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::schema {

// What of a database's schema decides how statements end that a Parse lets pass; by names, so that two databases
// compare.

struct ColumnFacts {
    Bytes name;
    Bytes type;       ///< format_type() without modifier
    Bytes full_type;  ///< and with it: "character varying(20)"
    Bytes default_text;
    Bytes collation;  ///< empty: the type has none
    bool not_null = false;
    bool filled = false;  ///< identity or generated: it needs no value
    bool operator==(const ColumnFacts&) const = default;
};

struct ConstraintFacts {
    char type =
        'c';  ///< pg_constraint.contype: c check, f foreign key, p primary key, u unique, x exclusion, t trigger
    std::vector<Bytes> columns;
    Bytes definition;
    Bytes expression;  ///< of a check
    Bytes referenced_schema;
    Bytes referenced;
    std::vector<Bytes> referenced_columns;
    char on_delete = ' ';
    char on_update = ' ';
    bool deferrable = false;
    bool operator==(const ConstraintFacts&) const = default;
};

struct TriggerFacts {
    Bytes definition;  ///< without its name
    Bytes function;
    Bytes source;
    bool enabled = true;
    bool before = false;    ///< BEFORE or INSTEAD OF, so it may change or suppress the row
    std::set<char> events;  ///< i, u, d
    bool operator==(const TriggerFacts&) const = default;
};

struct PolicyFacts {
    char command = '*';       ///< pg_policy.polcmd: r, a, w, d, *
    std::set<Bytes> roles;    ///< empty: all
    Bytes text;               ///< permissive or not, its expressions
    bool everything = false;  ///< permissive, and its expressions are true
    bool operator==(const PolicyFacts&) const = default;
};

/// The columns that a role may do this with; "*" stands for all of them. DELETE knows no columns.
struct RolePrivileges {
    std::set<Bytes> select;
    std::set<Bytes> insert;
    std::set<Bytes> update;
    std::set<Bytes> delete_;
    bool operator==(const RolePrivileges&) const = default;
};

struct RelationFacts {
    char kind = 'r';
    Bytes owner;
    bool row_security = false;
    bool forced = false;
    Bytes query;    ///< of a view
    Bytes options;  ///< of a view: "check_option=cascaded, security_invoker=true"
    Bytes partition_key;
    std::vector<ColumnFacts> columns;              ///< in order
    std::map<Bytes, ConstraintFacts> constraints;  ///< by name; unique indexes that are no constraint are among them
    std::map<Bytes, Bytes> indexes;  ///< valid ones: name → their first column; none for those that begin with an expression
    std::map<Bytes, TriggerFacts> triggers;
    std::map<Bytes, Bytes> rules;  ///< definitions by name
    std::map<Bytes, PolicyFacts> policies;
    std::map<Bytes, RolePrivileges> privileges;  ///< of the roles of read_privileges()
    [[nodiscard]] const ColumnFacts* column(BytesView name) const;
    bool operator==(const RelationFacts&) const = default;
};

using QualifiedName = std::pair<Bytes, Bytes>;  ///< schema, name

struct SchemaFacts {
    std::map<QualifiedName, RelationFacts> relations;
    std::map<QualifiedName, std::map<Bytes, Bytes>> functions;  ///< by name: arguments → everything else
    std::map<QualifiedName, Bytes> domains;                     ///< constraints
    std::map<Bytes, std::vector<Bytes>> enums;                  ///< by what format_type() calls them: labels in order
    std::map<QualifiedName, Bytes> sequences;                   ///< limits: minimum, maximum, increment, cycle
    std::map<std::pair<Bytes, Bytes>, Bytes> settings;          ///< (role or empty, name) → value
    std::set<Bytes> unbound_roles;                              ///< superusers and those that bypass row security
    std::set<std::pair<Bytes, QualifiedName>> sequence_users;   ///< (role, sequence): may call nextval
    std::set<std::pair<Bytes, QualifiedName>> forbidden_functions;  ///< (role, name): a form of it may not be called
};

/// Reads them from one database, read-only. Errors: as ControlConnection's.
Result<SchemaFacts> read_schema_facts(const std::string& conninfo);

/// Adds what these roles may do: for roles that the connection may not become, so that planning does not show it. Memberships
/// count. Roles that the server does not have are left out. Errors: as ControlConnection's.
Result<void> read_privileges(const std::string& conninfo, const std::set<Bytes>& roles, SchemaFacts& facts);

}  // namespace understudy::schema
