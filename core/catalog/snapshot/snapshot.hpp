#pragma once

#include <compare>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::catalog {

using PropertyList = std::vector<Bytes>;

/// One thing that the catalogues say of an object. A property that has its default value is absent, so that what a
/// newer server can say more does not make old schemas differ.
struct Property {
    Bytes name;
    std::variant<Bytes, PropertyList> value;  ///< a list is in the order that matters, else sorted

    /// The text; of a list its items with ", " between.
    [[nodiscard]] Bytes text() const;
    friend bool operator==(const Property&, const Property&) = default;
};

/// What one object is called in every copy of a database: no OIDs.
struct ObjectIdentity {
    Bytes kind;      ///< "relation", "column", "constraint", "function" …: docs/schema.md lists them
    Bytes schema;    ///< empty for what is in none
    Bytes relation;  ///< what it belongs to: a table, the role of a setting, the server of a user mapping; or empty
    Bytes name;      ///< of a function with its argument types

    friend auto operator<=>(const ObjectIdentity&, const ObjectIdentity&) = default;
};

struct SchemaObject {
    ObjectIdentity identity;
    std::vector<Property> properties;  ///< sorted by name, no name twice

    /// nullptr: it has its default.
    [[nodiscard]] const Property* property(BytesView name) const;
    /// Empty when absent.
    [[nodiscard]] Bytes text(BytesView name) const;
    [[nodiscard]] PropertyList list(BytesView name) const;
    friend bool operator==(const SchemaObject&, const SchemaObject&) = default;
};

/// What could not be read, and why: "user mappings", "permission denied for …".
struct UnreadPart {
    Bytes what;
    Bytes why;
    friend auto operator<=>(const UnreadPart&, const UnreadPart&) = default;
};

/// A database's schema as a value: everything that a dump of the schema would hold, and the settings beside it, by
/// names. Two databases with the same schema have equal `objects`, also when one is the other's dump, restored.
struct Snapshot {
    int server_version = 0;             ///< server_version_num; not part of the fingerprint
    Bytes database;                     ///< its name; not part of the fingerprint
    std::vector<SchemaObject> objects;  ///< sorted by identity, no identity twice
    std::vector<UnreadPart> unread;     ///< sorted
    /// Of the whole cluster, PostgreSQL's own left out: who is a member of whom, superusers, who bypasses row security.
    /// Sorted; not part of the fingerprint. Empty: not known.
    std::vector<SchemaObject> roles;

    /// Brings all into order and makes one of the objects of one identity.
    void sort();
    /// nullptr: there is none. Binary search.
    [[nodiscard]] const SchemaObject* find(const ObjectIdentity& identity) const;
    friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace understudy::catalog
