#include <fmt/format.h>

#include "tools/shop_workload/roles.hpp"

namespace understudy::shop {
namespace {

std::vector<std::string> movements(Visitor& who, int count) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) {
        lines.push_back(fmt::format("{}\t{}\tdelivery {}\t2024-05-{:02}\n", who.own_product(), who.dice.between(-9, 90),
                                    who.mark(), who.dice.between(1, 28)));
    }
    return lines;
}

void import_greet(Client& client, Visitor& /*who*/) {
    client.simple("drop table if exists incoming");  // answers with a NOTICE
    client.simple("create temporary table incoming (product_id integer, price numeric(10,2))");
}

/// New prices by way of a temporary table.
void price_list(Client& client, Visitor& who) {
    std::vector<std::string> lines;
    for (int i = 1; i <= 20; ++i) {
        lines.push_back(
            fmt::format("{},{}.{:02}\n", who.number * 20 + i, who.dice.between(1, 150), who.dice.between(0, 99)));
    }
    client.simple("begin");
    client.copy_in(Client::Protocol::extended, "copy incoming from stdin (format csv)", lines);
    client.query("update products p set price = i.price from incoming i where i.product_id = p.id");
    client.simple("truncate incoming");
    client.simple("commit");
}

void import_act(Client& client, Visitor& who) {
    const auto protocol = who.dice.one_in(2) ? Client::Protocol::simple : Client::Protocol::extended;
    client.copy_in(protocol, "copy stock_movements (product_id, delta, reason, moved_on) from stdin",
                   movements(who, who.dice.between(5, 60)));
    client.query(
        "select product_id, sum(delta), count(*) from stock_movements where reason = $1 group by product_id "
        "order by product_id",
        {"delivery " + who.mark()});
    client.copy_out(
        fmt::format("copy (select id, sku, name, price from products where id between {} and {} order by id) "
                    "to stdout (format csv, header)",
                    who.number * 20 + 1, who.number * 20 + 20));
    client.copy_out("copy (select id, parent_id, name from categories order by id) to stdout");
    if (who.dice.one_in(2)) price_list(client, who);
}

}  // namespace

const Role import_role = {"shop-import", 0, 250, &import_greet, &import_act};

}  // namespace understudy::shop
