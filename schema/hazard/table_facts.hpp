#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/sql/ddl_effects.hpp"

namespace understudy::schema::hazard {

struct ColumnFacts {
    Bytes name;
    Bytes type_schema;
    Bytes type;                  ///< pg_type.typname: int4, varchar, _text, or of a domain its name
    std::int32_t modifier = -1;  ///< pg_attribute.atttypmod
    bool not_null = false;
};

struct ConstraintFacts {
    Bytes name;
    sql::ConstraintKind kind = sql::ConstraintKind::none;
    bool validated = true;
    std::vector<Bytes> columns;
    sql::RelationName references;  ///< of a foreign key
    bool inherited = false;        ///< a partition has it from its parent
    std::vector<Bytes> referenced_columns;
    /// A CHECK that says by itself that these columns are not null (column IS NOT NULL, joined by AND).
    std::vector<Bytes> proves_not_null;
};

struct IndexFacts {
    Bytes name;
    bool valid = true;
    std::vector<Bytes> columns;  ///< those in its expressions and its predicate included
    bool plain = true;           ///< without expressions and predicate
};

/// A table, partitioned table, materialised view or view. Names are as the catalogue has them.
struct TableFacts {
    sql::RelationName name;
    char kind = 'r';  ///< pg_class.relkind
    std::uint64_t bytes =
        0;             ///< pg_total_relation_size: heap, TOAST and indexes; of a partitioned table its partitions
    double rows = -1;  ///< pg_class.reltuples; -1: never analysed
    std::vector<ColumnFacts> columns;
    std::vector<ConstraintFacts> constraints;
    std::vector<IndexFacts> indexes;
    std::vector<sql::RelationName> children;  ///< partitions or inheritance children, direct ones
    std::vector<sql::RelationName> parents;
    std::vector<sql::RelationName> referenced_by;  ///< tables with a foreign key to this one
    std::optional<sql::RelationName> default_partition;
    std::vector<sql::RelationName> reads;       ///< of a view or materialised view: what its query names
    std::vector<sql::RelationName> dependents;  ///< views and materialised views over it
};

/// What is known of the database that a migration is meant for.
struct SchemaFacts {
    int server_major = 0;  ///< 0: no server was asked; then that of the newest release is assumed where it matters
    std::vector<TableFacts> tables;
    std::map<sql::RelationName, sql::RelationName> index_tables;  ///< index to its table
    std::vector<Bytes> search_path = {"public"};
    bool time_zone_is_utc = false;
    std::set<Bytes> volatile_functions;  ///< by name: any overload that is volatile
    std::set<Bytes> known_functions;  ///< names whose volatility is known; a volatile function in SQL is none of them,
                                      ///< since the server may find it constant once it is inlined
    std::set<Bytes> constrained_domains;                 ///< by name: has a CHECK or NOT NULL
    std::map<Bytes, Bytes> domain_bases;                 ///< names of all domains and of the types that they are over
    std::set<std::pair<Bytes, Bytes>> binary_coercible;  ///< type names, from pg_cast

    [[nodiscard]] bool known() const { return server_major != 0; }
    /// By its written name: in `schema`, else in the first of the search_path that has it.
    [[nodiscard]] const TableFacts* table(const sql::RelationName& written) const;
    /// The table of an index, by the index's written name.
    [[nodiscard]] const TableFacts* table_of_index(const sql::RelationName& index) const;
};

const ColumnFacts* column_of(const TableFacts& table, BytesView name);

/// All descendants of a table, itself not included; a level at a time.
std::vector<const TableFacts*> descendants(const SchemaFacts& facts, const TableFacts& table);

}  // namespace understudy::schema::hazard
