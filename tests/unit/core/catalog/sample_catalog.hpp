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
                  {16'411, "billing", "_Price", 'b', 16'410, 0, {}},
                  {16'412, "public", "customer", 'c', 0, 0, {}, 16'420, 0},
                  {16'413, "public", "span", 'r', 0, 0, {}, 0, 701},
                  {16'414, "public", "span_multirange", 'm', 0, 0, {}, 0, 16'413},
                  {16'415, "public", "citext", 'b', 0, 0, {}},
                  {16'416, "public", "geometry", 'b', 0, 0, {}}};
    shop.relations = {{16'420, "public", "customer", 'r', "shop_owner"},
                      {16'430, "public", "orders", 'p', "shop_owner"}};
    shop.attributes = {{16'420, 1, "id", 23, -1, true, false, "", 'a', 0},
                       {16'420, 3, "name", 1043, 44, false, true, "'nobody'::text", 0, 0},
                       {16'430, 1, "customer", 23, -1, true, false, "", 0, 0},
                       {16'430, 2, "total", 1700, 655'366, false, true, "(price * 2)", 0, 's'}};
    shop.keys = {{16'420, "customer_pkey", true, {1}}, {16'430, "orders_unique", false, {2, 1}, true}};
    shop.foreign_keys = {{16'430, "orders_customer_fkey", {1}, 16'420, {1}, 'c', 'r', true, true}};
    shop.sequences = {{16'419, "public", "customer_id_seq", 16'420, 1, 1, 42, true},
                      {16'440, "public", "loose", 0, 0, -5, std::nullopt, false}};
    shop.functions = {{"public", "audit", "", 'v', 'f', 16'451, "plpgsql", false, {}},
                      {"public",
                       "total",
                       "customer integer",
                       's',
                       'f',
                       16'450,
                       "sql",
                       true,
                       {{"", "orders", false}, {"log", "calls", true}}}};
    shop.settings = {{"", false, "understudy.target", "staging:7", false}, {"app", true, "app.secret", "", true}};
    shop.dependencies_read = true;
    shop.inheritance = {{16'431, 16'430, true}, {16'432, 16'420, false}};
    shop.partition_keys = {{16'430, 'h', {1, 0}}};
    shop.rule_dependencies = {{16'460, 16'420}, {16'460, 16'430}};
    shop.view_columns = {{16'460, 1, 16'420, 1}, {16'460, 2, 16'430, 2}};
    shop.triggers = {{16'420, "audit", 16'451, 'A', 29, false}, {16'430, "check", 16'451, 'D', 5, true}};
    shop.rules = {{16'420, "keep", '4', true, 'O'}};
    return shop;
}

}  // namespace understudy::testing
