#pragma once

#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::catalog::testing {

inline SchemaObject object(ObjectIdentity identity, std::vector<Property> properties = {}) {
    return {std::move(identity), std::move(properties)};
}

/// Two tables, a view over one of them, an enum and a function.
inline Snapshot sample_snapshot() {
    Snapshot snapshot;
    snapshot.server_version = 150006;
    snapshot.database = "shop";
    const auto text = [](const char* name, const char* value) { return Property{name, Bytes(value)}; };
    snapshot.objects = {
        object({"relation", "public", "", "orders"},
               {text("kind", "table"), text("owner", "shop"), {"columns", PropertyList{"id", "state", "note"}}}),
        object({"column", "public", "orders", "id"}, {text("type", "integer"), text("not null", "yes")}),
        object({"column", "public", "orders", "state"}, {text("type", "public.state")}),
        object({"column", "public", "orders", "note"}, {text("type", "text")}),
        object({"constraint", "public", "orders", "orders_pkey"},
               {text("type", "primary key"), text("definition", "PRIMARY KEY (id)")}),
        object({"index", "public", "orders", "orders_pkey"},
               {text("method", "btree"), text("constraint", "orders_pkey"), {"keys", PropertyList{"id"}}}),
        object({"relation", "billing", "", "items"},
               {text("kind", "table"), text("owner", "shop"), {"columns", PropertyList{"order_id", "net"}}}),
        object({"column", "billing", "items", "order_id"}, {text("type", "integer")}),
        object({"column", "billing", "items", "net"}, {text("type", "numeric(10,2)")}),
        object({"relation", "public", "", "open_orders"},
               {text("kind", "view"),
                text("owner", "shop"),
                {"columns", PropertyList{"id"}},
                text("definition",
                     " SELECT orders.id\n   FROM public.orders\n  WHERE (orders.state = 'open'::public.state);")}),
        object({"column", "public", "open_orders", "id"}, {text("type", "integer")}),
        object({"enum", "public", "", "state"}, {text("owner", "shop"), {"labels", PropertyList{"open", "closed"}}}),
        object({"function", "public", "", "tax(numeric)"}, {text("kind", "function"), text("body", "select 1")}),
    };
    snapshot.sort();
    return snapshot;
}

}  // namespace understudy::catalog::testing
