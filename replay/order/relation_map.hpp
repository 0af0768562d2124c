#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/catalog/catalog.hpp"
#include "replay/order/row_access.hpp"

namespace understudy::replay {

/// A column of a key: its place in the table and the type that its values are hashed as (a domain's is that which it is
/// over).
struct KeyColumn {
    Bytes name;
    std::int16_t number = 0;
    std::uint32_t type_oid = 0;
};

struct UniqueKey {
    std::vector<KeyColumn> columns;
    bool generated = false;  ///< one column that gets a value nobody can know before: a sequence's, a random uuid
};

/// A foreign key, from the side of the table that has it.
struct ParentLink {
    std::vector<Bytes> columns;
    RelationIndex parent = 0;
    std::optional<std::uint8_t> key;  ///< the parent's key that it refers to
    std::vector<std::size_t> order;   ///< for each column of that key the place in `columns`
};

/// The same from the other side: what deleting a row does to the child.
struct ChildLink {
    RelationIndex child = 0;
    bool writes = false;  ///< ON DELETE CASCADE, SET NULL, SET DEFAULT
};

/// What a trigger or rule does to another relation.
struct RowTouch {
    RowAccess any;  ///< of whatever row
    bool inserted = false;
    std::vector<catalog::RowMatch> matches;  ///< which tell the row, from that which is written
    bool on_insert = true;
    bool on_update = true;
    bool on_delete = true;
};

struct RelationInfo {
    Bytes schema;
    Bytes name;
    std::uint32_t oid = 0;
    std::vector<Bytes> columns;  ///< by number from 1; dropped ones are empty
    std::vector<UniqueKey> keys;
    std::vector<ParentLink> parents;
    std::vector<ChildLink> children;
    /// A view: reading or writing it is reading or writing these instead, of which nothing is known by keys.
    std::vector<RelationIndex> stands_for;
    std::vector<RowTouch> on_write;  ///< what triggers and rules do when rows are written
    bool unknown_on_write = false;  ///< they may do anything
};

/// What the catalogue says about relations, made ready for footprints. A table with its partitions, or with those that
/// inherit from it, is one relation here. Relations that it does not know get an index of
/// their own by name when the traffic names them: tables made meanwhile, and temporary ones.
class RelationMap {
public:
    static constexpr std::size_t kMaxKeys = 8;           ///< of one relation; further ones are not looked at
    static constexpr std::size_t kMaxUnknown = 100'000;  ///< beyond that they share one index

    explicit RelationMap(const catalog::Catalog& catalog);

    /// The relations that a name may mean: of several schemas where none is written. Empty for what belongs to the
    /// server (pg_catalog, information_schema).
    [[nodiscard]] std::vector<RelationIndex> named(BytesView schema, BytesView name);
    [[nodiscard]] const RelationInfo& info(RelationIndex index) const { return relations_[index]; }
    [[nodiscard]] std::size_t size() const { return relations_.size(); }
    /// What a function's body does.
    [[nodiscard]] std::vector<RowTouch> touched_by(const catalog::Function& function);
    /// Whether the relation has the column, for statements that name it alone; nothing for an unknown relation.
    [[nodiscard]] std::optional<bool> has_column(BytesView schema, BytesView table, BytesView column) const;
    /// Of advisory locks, a relation whose only key is the lock's number.
    [[nodiscard]] RelationIndex advisory() const { return advisory_; }

private:
    void read_relations(const catalog::Catalog& catalog);
    void read_keys(const catalog::Catalog& catalog);
    void read_foreign_keys(const catalog::Catalog& catalog);
    void read_inheritance(const catalog::Catalog& catalog);
    void read_views(const catalog::Catalog& catalog);
    void read_triggers(const catalog::Catalog& catalog);
    [[nodiscard]] std::optional<RelationIndex> of_oid(std::uint32_t oid) const;

    std::vector<RelationInfo> relations_;
    std::unordered_map<std::uint32_t, RelationIndex> by_oid_;
    std::unordered_map<Bytes, std::vector<RelationIndex>> by_name_;
    RelationIndex advisory_ = 0;
};

}  // namespace understudy::replay
