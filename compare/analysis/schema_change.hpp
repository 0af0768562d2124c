#pragma once

#include <vector>

#include "core/catalog/catalog.hpp"

namespace understudy::compare {

/// One difference between the schemas of two servers, as their catalogues have it.
struct SchemaChange {
    Bytes relation;  ///< its name without schema; empty: of none (a function, a setting)
    Bytes object;    ///< the column, constraint, trigger …; empty: the relation itself
    Bytes text;      ///< "column discount of orders is gone"
    bool constraint = false;
    bool setting = false;
    bool index = false;  ///< it changes how rows are found, not which
    friend bool operator==(const SchemaChange&, const SchemaChange&) = default;
};

/// What is other in `after`: relations, columns, keys, foreign keys, triggers, rules, sequences, functions by name and
/// volatility, settings of roles and of the database, labels of enums. By names, never by OIDs. What the catalogue does
/// not hold is not seen: texts of views and functions, CHECK and exclusion constraints, policies, grants, plain indexes.
std::vector<SchemaChange> schema_changes(const catalog::Catalog& before, const catalog::Catalog& after);

}  // namespace understudy::compare
