#pragma once

#include <map>

#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::catalog {

/// Privilege letters (PostgreSQL docs, "Privileges", table 5.1) by role; the empty name is PUBLIC.
using Grants = std::map<Bytes, Bytes>;

/// "app=r*w/owner" → app: rw; names in quotes as the server writes them. Items that are none are left out.
Grants grants_of(const PropertyList& items);

/// What everybody may do with a new object of that kind where nothing was granted (docs "Privileges", table 5.2).
BytesView public_default(BytesView kind);

/// What the object's access list grants; of an absent list what the defaults are: everything ("*") to the owner, and
/// public_default() to everybody. nullptr: nothing is granted.
Grants grants_on(const SchemaObject* object);

/// Whether the role itself has the privilege, by `grants`; not by PUBLIC, and by no membership.
bool has_privilege(const Grants& grants, const Bytes& role, char letter);

}  // namespace understudy::catalog
