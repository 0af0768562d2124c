#pragma once

#include "core/catalog/catalog.hpp"

namespace understudy::testing {

/// A small catalogue with something of everything, sorted.
inline catalog::Catalog sample_catalog() {
    catalog::Catalog shop;
    shop.database = "shop";
    shop.types = {{16'400, "public", "mood", 'e', 0, 0, {"sad", "ok", "gl\xfcklich"}},
                  {16'401, "public", "_mood", 'b', 16'400, 0, {}},
                  {16'410, "billing", "Price", 'd', 0, 1700, {}},
                  {16'411, "billing", "_Price", 'b', 16'410, 0, {}}};
    shop.relations = {{16'420, "public", "customer", 'r', "shop_owner"},
                      {16'430, "public", "orders", 'p', "shop_owner"}};
    shop.attributes = {{16'420, 1, "id", 23, -1, true, false, "", 'a', 0},
                       {16'420, 3, "name", 1043, 44, false, true, "'nobody'::text", 0, 0},
                       {16'430, 1, "customer", 23, -1, true, false, "", 0, 0},
                       {16'430, 2, "total", 1700, 655'366, false, true, "(price * 2)", 0, 's'}};
    shop.keys = {{16'420, "customer_pkey", true, {1}}, {16'430, "orders_unique", false, {2, 1}}};
    shop.foreign_keys = {{16'430, "orders_customer_fkey", {1}, 16'420, {1}, 'c'}};
    shop.sequences = {{16'419, "public", "customer_id_seq", 16'420, 1, 1, 42, true},
                      {16'440, "public", "loose", 0, 0, -5, std::nullopt, false}};
    shop.functions = {{"public", "total", "customer integer", 's', 'f'}};
    shop.settings = {{"", false, "understudy.target", "staging:7", false}, {"app", true, "app.secret", "", true}};
    return shop;
}

}  // namespace understudy::testing
