#pragma once

#include "core/catalog/catalog.hpp"
#include "core/pgwire/type_structure.hpp"

namespace understudy::catalog {

/// How the user types of the catalogue are made: what reading their values in binary needs. Types of extensions are
/// known by their names: citext, hstore, ltree, lquery, ltxtquery. Other base types, and ranges and multiranges of
/// catalogues of older versions, are left out.
pgwire::UserTypes user_types(const Catalog& catalog);

}  // namespace understudy::catalog
