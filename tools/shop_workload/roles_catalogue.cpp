#include <fmt/format.h>

#include "tools/shop_workload/roles.hpp"

namespace understudy::shop {
namespace {

void catalogue_greet(Client& client, Visitor& /*who*/) {
    client.prepare("product",
                   "select id, sku, name, price, stock > 0 as available, weight_kg, sizes, attributes, available_from"
                   " from products where id = $1");
    client.prepare("overview", "select * from product_overview where id = $1");
    client.prepare("search",
                   "select id, name, price from products where name ilike '%' || $1 || '%' and id > 480 "
                   "order by id limit $2");
    client.prepare("related", "select id, name, sizes from products where id = any($1::int[]) and 44 = any(sizes)");
    client.describe("product");
}

void catalogue_act(Client& client, Visitor& who) {
    static constexpr const char* words[] = {"kettle", "atlas", "kite", "lamp", "hammer", "no such thing"};
    client.execute("search", {words[who.dice.between(0, 5)], 20});
    client.think(40);
    for (int i = who.dice.between(2, 4); i > 0; --i) {
        const int product = who.shared_product();
        const Format format = who.dice.one_in(2) ? Format::binary : Format::text;
        client.execute("product", {Param::binary_int4(product)}, format);
        client.execute("overview", {product}, format);
        client.think(30);
    }
    const int first = who.dice.between(481, 590);
    client.execute("related", {fmt::format("{{{},{},{},{}}}", first, first + 1, first + 2, first + 9)});
    if (who.dice.one_in(3)) {
        // A statement prepared for one use, as some drivers do.
        const std::string name = "once_" + std::to_string(who.round);
        client.prepare(name,
                       "select name, (attributes->>'colour') as colour from products where category_id = $1 "
                       "and id > $2 order by 1");
        client.execute(name, {who.dice.between(1, 30), 480}, Format::binary);
        client.simple("deallocate " + name);
    }
}

}  // namespace

const Role catalogue_role = {"shop-catalogue", 0, 80, &catalogue_greet, &catalogue_act};

}  // namespace understudy::shop
