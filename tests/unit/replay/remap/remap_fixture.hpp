#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "core/pgwire/type_oid.hpp"
#include "replay/remap/session_remapper.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy::testing {

namespace oid = pgwire::type_oid;

/// customer(id identity, name), orders(id serial, customer → customer.id, total), document(id uuid generated, body,
/// note), tally(n): a table whose numbers are its own; a view of orders is not there.
inline catalog::Catalog order_catalog() {
    catalog::Catalog shop;
    shop.database = "shop";
    shop.relations = {{100, "public", "customer", 'r', "o"}, {200, "public", "orders", 'r', "o"},
                      {300, "public", "document", 'r', "o"}, {400, "public", "tally", 'r', "o"},
                      {500, "archive", "orders", 'r', "o"},  {600, "public", "orders_2026", 'r', "o"}};
    shop.attributes = {{100, 1, "id", oid::int4, -1, true, false, "", 'a', 0},
                       {100, 2, "name", oid::text, -1, false, false, "", 0, 0},
                       {200, 1, "id", oid::int8, -1, true, true, "nextval('orders_id_seq'::regclass)", 0, 0},
                       {200, 2, "customer", oid::int4, -1, false, false, "", 0, 0},
                       {200, 3, "total", oid::numeric, -1, false, false, "", 0, 0},
                       {300, 1, "id", oid::uuid, -1, true, true, "gen_random_uuid()", 0, 0},
                       {300, 2, "body", oid::jsonb, -1, false, false, "", 0, 0},
                       {300, 4, "note", oid::text, -1, false, true, "'nextval(x)'::text", 0, 0},
                       {400, 1, "n", oid::int4, -1, false, false, "", 0, 0},
                       {500, 1, "id", oid::int8, -1, false, false, "", 0, 0},
                       {600, 1, "id", oid::int8, -1, false, false, "", 0, 0}};
    shop.foreign_keys = {{200, "orders_customer_fkey", {2}, 100, {1}, 'a'}};
    shop.sequences = {{90, "public", "customer_id_seq", 100, 1, 1, 1, true},
                      {91, "public", "orders_id_seq", 0, 0, 1, 1, true},
                      {92, "public", "loose", 0, 0, 1, 1, true}};
    shop.sort();
    return shop;
}

inline replay::IdentityDomains order_domains(const replay::IdentityDomains::Extra& extra = {}) {
    return replay::IdentityDomains::make(order_catalog(), extra).value();
}

inline sql::RelationAccess access_to(const Bytes& table, sql::AccessKind kind) {
    sql::RelationAccess access;
    access.name = table;
    access.kind = kind;
    return access;
}

/// The keyed hash of a value as a result's column of that type has it.
inline std::uint64_t hash_of(std::uint32_t type, BytesView text) {
    Bytes scratch;
    const auto value = pgwire::canonical_value(type, 0, text, scratch);
    return test_digester().cell(value.value_class, value.bytes);
}

}  // namespace understudy::testing
