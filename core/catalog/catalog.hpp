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
    friend bool operator==(const Key&, const Key&) = default;
};

struct ForeignKey {
    std::uint32_t relation = 0;
    Bytes name;
    std::vector<std::int16_t> columns;
    std::uint32_t referenced_relation = 0;
    std::vector<std::int16_t> referenced_columns;
    char on_delete = 'a';  ///< pg_constraint.confdeltype: a no action, r restrict, c cascade, n set null, d set default
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

struct Function {
    Bytes schema;
    Bytes name;
    Bytes arguments;        ///< identity arguments, "a integer, b text"
    char volatility = 'v';  ///< pg_proc.provolatile: i immutable, s stable, v volatile
    char kind = 'f';        ///< pg_proc.prokind: f function, p procedure, a aggregate, w window function
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

    /// Brings everything into the order of its identity (OID, or relation and number, or name).
    void sort();

    [[nodiscard]] const Type* type(std::uint32_t oid) const;
    [[nodiscard]] const Relation* relation(std::uint32_t oid) const;
    [[nodiscard]] const Attribute* attribute(std::uint32_t relation, std::int16_t number) const;

    /// The type's name as format_type() writes it, without a typmod: "integer", "mood", "billing.mood[]". A
    /// schema other than pg_catalog and public is named; built-in types are known without a catalogue. Empty
    /// when the OID is unknown.
    [[nodiscard]] Bytes type_name(std::uint32_t oid) const;

    friend bool operator==(const Catalog&, const Catalog&) = default;
};

/// The name as SQL needs it where it has to be quoted (upper case, blanks …), else as it is.
Bytes quoted_if_needed(BytesView name);

}  // namespace understudy::catalog
