#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/catalog/catalog.hpp"

namespace understudy::replay {

/// Columns whose values are one another's: an id and what refers to it. 0: none.
using DomainId = std::uint32_t;

/// What a user says of identities beside the catalogue (`--identity`).
struct DeclaredIdentity {
    Bytes column;  ///< [schema.]table.column: its values are generated
    Bytes same;    ///< if not empty: [schema.]table.column, or the name of a sequence, whose values are the same ones
};
/// Reads `a.x` or `a.x=b.y`; names are folded as SQL does, unless in double quotes. Errors: Errc::usage.
Result<DeclaredIdentity> parse_identity(const std::string& text);

/// Which columns hold values that the server generates, so that a replay's differ from the recorded ones, and which of
/// them hold the *same* values: joined by foreign keys, inheritance and partitions, shared sequences and views. Equal
/// numbers of two domains have nothing to do with each other. Immutable after make(); look-ups are thread-safe.
class IdentityDomains {
public:
    /// Pairs beside the catalogue's foreign keys.
    struct Column {
        std::uint32_t relation = 0;
        std::int16_t attribute = 0;
    };
    struct Extra {
        std::vector<std::pair<Column, Column>> same;  ///< a view's column and the table's that it shows
        std::vector<std::pair<std::uint32_t, std::uint32_t>> inherits;  ///< child and parent: joined by column name
        std::vector<DeclaredIdentity> declared;
    };
    /// Only domains of which a column is an identity column, has nextval(), gen_random_uuid(), uuid_generate_v…() or
    /// uuidv…() for its default, owns a sequence, or was declared. Errors: Errc::usage for a declared column that does
    /// not exist.
    static Result<IdentityDomains> make(const catalog::Catalog& catalog, const Extra& extra);

    [[nodiscard]] DomainId of_column(std::uint32_t relation, std::int16_t attribute) const;
    /// Of a column as a statement names it. Without a schema: that of the first of `search_path` that has the table, or
    /// of the only schema that has it. `column` empty: the one at `position`, from 1.
    [[nodiscard]] DomainId of_column(BytesView schema, BytesView table, BytesView column, std::size_t position,
                                     const std::vector<Bytes>& search_path) const;
    /// Of the columns of a table in their order.
    [[nodiscard]] std::vector<DomainId> of_columns(BytesView schema, BytesView table,
                                                   const std::vector<Bytes>& search_path) const;
    /// Of the first column of a table that generates its values by itself: the one that lastval() is of, after an
    /// INSERT.
    [[nodiscard]] DomainId generated_by(BytesView schema, BytesView table, const std::vector<Bytes>& search_path) const;
    /// `name` as in nextval('name'): folded unless quoted, with or without a schema.
    [[nodiscard]] DomainId of_sequence(BytesView name) const;
    /// Whether a table or view of that name (in any schema, folded) has a column in a domain.
    [[nodiscard]] bool concerns(BytesView table) const { return tables_.find(Bytes(table)) != tables_.end(); }

    [[nodiscard]] std::size_t size() const { return domains_.size(); }
    /// "orders.id": of the column that generates the values. Of domains from 1 to size().
    [[nodiscard]] const std::string& name(DomainId domain) const { return domains_[domain - 1].name; }
    /// A built-in type that its values have: int8 for all integers, numeric, uuid, or text.
    [[nodiscard]] std::uint32_t type(DomainId domain) const { return domains_[domain - 1].type_oid; }

private:
    friend class DomainBuilder;
    struct Domain {
        std::string name;
        std::uint32_t type_oid = 0;
    };
    struct Table {
        Bytes schema;
        std::uint32_t oid = 0;
        DomainId own = 0;                                 ///< of generated_by()
        std::vector<std::pair<Bytes, DomainId>> columns;  ///< in their order, those without a domain too
    };
    [[nodiscard]] const Table* find(BytesView schema, BytesView table, const std::vector<Bytes>& search_path) const;

    std::vector<Domain> domains_;
    std::unordered_map<std::uint64_t, DomainId> by_column_;  ///< relation and attribute
    std::unordered_map<Bytes, std::vector<Table>> by_name_;  ///< tables of that name
    std::unordered_map<Bytes, DomainId> sequences_;          ///< "schema.name" and, where only one has it, "name"
    std::unordered_set<Bytes> tables_;
};

}  // namespace understudy::replay
