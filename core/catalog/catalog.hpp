#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::catalog {

// What one database's system catalogues say (PostgreSQL docs, "System Catalogs"), as a value: no I/O here.
// Letters are PostgreSQL's own of the column named beside them. OIDs mean something only in this database:
// compare two databases by names.

struct Type {
    std::uint32_t oid = 0;
    Bytes schema;
    Bytes name;
    char kind = 'b';  ///< pg_type.typtype: b base, c composite, d domain, e enum, p pseudo, r range, m multirange
    std::uint32_t element_oid = 0;  ///< an array: of what; 0 otherwise
    std::uint32_t base_oid = 0;     ///< a domain: over what; 0 otherwise
    std::vector<Bytes> labels;      ///< an enum: its labels in their order
    std::uint32_t relation_oid = 0;  ///< a composite: whose attributes it has; 0 otherwise, and in older catalogues
    std::uint32_t subtype_oid = 0;   ///< a range: over what, a multirange: its range type; 0 as above
    friend bool operator==(const Type&, const Type&) = default;
};

struct Relation {
    std::uint32_t oid = 0;
    Bytes schema;
    Bytes name;
    char kind = 'r';  ///< pg_class.relkind: r table, p partitioned table, v view, m materialised view, f
                      ///< foreign table, c composite
    Bytes owner;
    friend bool operator==(const Relation&, const Relation&) = default;
};

struct Attribute {
    std::uint32_t relation = 0;
    std::int16_t number = 0;  ///< from 1; dropped columns leave holes
    Bytes name;
    std::uint32_t type_oid = 0;
    std::int32_t typmod = -1;
    bool not_null = false;
    bool has_default = false;
    Bytes default_text;  ///< of the default, or of a generated column its expression
    char identity = 0;   ///< pg_attribute.attidentity: a always, d by default, 0 none
    char generated = 0;  ///< pg_attribute.attgenerated: s stored, v virtual, 0 none
    friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// A primary key, a unique constraint or a unique index over plain columns of all rows.
struct Key {
    std::uint32_t relation = 0;
    Bytes name;
    bool primary = false;
    std::vector<std::int16_t> columns;
    bool nulls_not_distinct = false;  ///< since PostgreSQL 15: two rows with NULL are duplicates
    friend bool operator==(const Key&, const Key&) = default;
};

struct ForeignKey {
    std::uint32_t relation = 0;
    Bytes name;
    std::vector<std::int16_t> columns;
    std::uint32_t referenced_relation = 0;
    std::vector<std::int16_t> referenced_columns;
    char on_delete = 'a';  ///< pg_constraint.confdeltype: a no action, r restrict, c cascade, n set null, d set default
    char on_update = 'a';  ///< pg_constraint.confupdtype, the same letters
    bool deferrable = false;
    bool deferred = false;  ///< initially: it is checked, and the referenced row locked, at COMMIT
    friend bool operator==(const ForeignKey&, const ForeignKey&) = default;
};

struct Sequence {
    std::uint32_t oid = 0;
    Bytes schema;
    Bytes name;
    std::uint32_t owner_relation = 0;  ///< the table of its serial or identity column; 0: none
    std::int16_t owner_attribute = 0;
    std::int64_t increment = 1;
    std::optional<std::int64_t>
        last_value;          ///< nothing when it could not be read (no privilege, dropped or locked meanwhile)
    bool is_called = false;  ///< false: last_value itself comes next
    friend bool operator==(const Sequence&, const Sequence&) = default;
};

/// A column of a touched relation equals a column of the row that the trigger is run for.
struct RowMatch {
    Bytes column;
    Bytes row_column;
    bool old = false;  ///< of OLD, else of NEW
    friend auto operator<=>(const RowMatch&, const RowMatch&) = default;
};

/// A relation that a function's body names.
struct Touch {
    Bytes schema;  ///< as written, or found by the function's own search_path; empty if neither says
    Bytes name;
    bool written = false;  ///< its rows or row locks, or its definition
    bool inserted = false;  ///< of what is written: only new rows
    std::vector<RowMatch> matches{};  ///< what all rows that are touched, or inserted, have in common; sorted
    friend bool operator==(const Touch&, const Touch&) = default;
};

struct Function {
    Bytes schema;
    Bytes name;
    Bytes arguments;        ///< identity arguments, "a integer, b text"
    char volatility = 'v';  ///< pg_proc.provolatile: i immutable, s stable, v volatile
    char kind = 'f';        ///< pg_proc.prokind: f function, p procedure, a aggregate, w window function
    std::uint32_t oid = 0;  ///< as language: 0 and empty in catalogues of older versions
    Bytes language;
    /// `touches` is all that its body names, and what user functions that it calls do. False for other languages than
    /// sql and plpgsql, dynamic SQL, transaction control, advisory locks and what could not be read.
    bool touches_known = false;
    std::vector<Touch> touches;  ///< sorted, unique
    friend bool operator==(const Function&, const Function&) = default;
};

/// One entry of pg_db_role_setting that applies to this database.
struct Setting {
    Bytes role;                   ///< empty: of every role
    bool every_database = false;  ///< of the role in whatever database
    Bytes name;
    Bytes value;
    bool withheld = false;  ///< the value may be a secret and was not read into the catalogue
    friend bool operator==(const Setting&, const Setting&) = default;
};

/// A table that inherits from another, or is a partition of it.
struct Inheritance {
    std::uint32_t child = 0;
    std::uint32_t parent = 0;
    bool partition = false;
    friend bool operator==(const Inheritance&, const Inheritance&) = default;
};

/// By what a partitioned table is partitioned.
struct PartitionKey {
    std::uint32_t relation = 0;
    char strategy = 'r';                ///< pg_partitioned_table.partstrat: h hash, l list, r range
    std::vector<std::int16_t> columns;  ///< 0 for an expression
    friend bool operator==(const PartitionKey&, const PartitionKey&) = default;
};

/// A relation that a view's query, or a rule of a table, names directly.
struct RuleDependency {
    std::uint32_t relation = 0;  ///< the view or table
    std::uint32_t depends_on = 0;
    friend bool operator==(const RuleDependency&, const RuleDependency&) = default;
};

/// A column of a view that is a plain column of a relation (which may be a view, too).
struct ViewColumn {
    std::uint32_t view = 0;
    std::int16_t number = 0;
    std::uint32_t base = 0;
    std::int16_t base_number = 0;
    friend bool operator==(const ViewColumn&, const ViewColumn&) = default;
};

/// A trigger that a user made; those of foreign keys are not among them.
struct Trigger {
    std::uint32_t relation = 0;
    Bytes name;
    std::uint32_t function = 0;
    char enabled = 'O';         ///< pg_trigger.tgenabled: O in ordinary sessions, A always, R on replicas, D not
    std::uint32_t type = 0;     ///< pg_trigger.tgtype, a set of bits
    bool deferrable = false;    ///< a constraint trigger that can run at COMMIT
    [[nodiscard]] bool for_each_row() const { return (type & 1U) != 0; }
    [[nodiscard]] bool before() const { return (type & 2U) != 0; }
    [[nodiscard]] bool on_insert() const { return (type & 4U) != 0; }
    [[nodiscard]] bool on_delete() const { return (type & 8U) != 0; }
    [[nodiscard]] bool on_update() const { return (type & 16U) != 0; }
    [[nodiscard]] bool on_truncate() const { return (type & 32U) != 0; }
    [[nodiscard]] bool instead() const { return (type & 64U) != 0; }
    friend bool operator==(const Trigger&, const Trigger&) = default;
};

/// A rule but for those that make a view.
struct Rule {
    std::uint32_t relation = 0;
    Bytes name;
    char event = 0;  ///< pg_rewrite.ev_type: 1 SELECT, 2 UPDATE, 3 INSERT, 4 DELETE
    bool instead = false;
    char enabled = 'O';  ///< pg_rewrite.ev_enabled, as of triggers
    friend bool operator==(const Rule&, const Rule&) = default;
};

/// Invariant: sorted as sort() does. Look-ups are binary searches; pointers live as long as the catalogue
/// unchanged.
struct Catalog {
    Bytes database;
    std::vector<Type> types;            ///< of user schemas, and those of pg_catalog that attributes use
    std::vector<Relation> relations;    ///< of user schemas
    std::vector<Attribute> attributes;  ///< without dropped ones
    std::vector<Key> keys;
    std::vector<ForeignKey> foreign_keys;
    std::vector<Sequence> sequences;
    std::vector<Function> functions;
    std::vector<Setting> settings;
    /// What follows was read, and `touches` of functions; false in catalogues of older versions, which do not know.
    bool dependencies_read = false;
    std::vector<Inheritance> inheritance;  ///< of tables
    std::vector<PartitionKey> partition_keys;
    std::vector<RuleDependency> rule_dependencies;
    std::vector<ViewColumn> view_columns;  ///< where the view's query says it plainly
    std::vector<Trigger> triggers;
    std::vector<Rule> rules;

    /// Brings everything into the order of its identity (OID, or relation and number, or name).
    void sort();

    [[nodiscard]] const Type* type(std::uint32_t oid) const;
    [[nodiscard]] const Relation* relation(std::uint32_t oid) const;
    [[nodiscard]] const Attribute* attribute(std::uint32_t relation, std::int16_t number) const;
    [[nodiscard]] const Attribute* attribute_named(std::uint32_t relation, BytesView name) const;

    /// What SQL means by the name: the relation of that schema, or if none is written the one that is found first on
    /// the search path (names of schemas; "$user" resolved by the caller). nullptr: none of a user schema. Looks at
    /// every relation.
    [[nodiscard]] const Relation* relation_named(BytesView schema, BytesView name,
                                                 const std::vector<Bytes>& search_path) const;

    /// The type's name as format_type() writes it, without a typmod: "integer", "mood", "billing.mood[]". A
    /// schema other than pg_catalog and public is named; built-in types are known without a catalogue. Empty
    /// when the OID is unknown.
    [[nodiscard]] Bytes type_name(std::uint32_t oid) const;

    friend bool operator==(const Catalog&, const Catalog&) = default;
};

/// The name as SQL needs it where it has to be quoted (upper case, blanks …), else as it is.
Bytes quoted_if_needed(BytesView name);

}  // namespace understudy::catalog
