#include <fmt/format.h>

#include "tools/shop_workload/roles.hpp"

namespace understudy::shop {
namespace {

constexpr const char* end_of_history = "timestamptz '2024-02-01 00:00+00'";

void reporting_greet(Client& client, Visitor& /*who*/) {
    client.simple("set time zone 'Europe/Zurich'; set datestyle = 'ISO, DMY'");
}

void monthly(Client& client, Visitor& who) {
    client.query("select month, orders, revenue from monthly_revenue where month < $1 order by month",
                 {fmt::format("2023-{:02}-01", who.dice.between(1, 12))},
                 who.dice.one_in(2) ? Format::binary : Format::text);
    client.simple(
        fmt::format("select c.name, count(*) as orders, sum(i.quantity * i.price)::numeric(14,2) as revenue,"
                    " round(avg(i.price), 4) as average from order_items i join orders o on o.id = i.order_id"
                    " join products p on p.id = i.product_id join categories c on c.id = p.category_id"
                    " where o.placed_at < {} and o.id % 7 = {} group by c.name order by revenue desc, c.name",
                    end_of_history, who.dice.between(0, 6)));
    client.query(
        "select status, array_agg(id order by id) as ids, jsonb_object_agg(id::text, total) as totals, "
        "max(placed_at) as last"
        " from orders where id between $1 and $1 + 20 group by status order by status",
        {who.dice.between(1, 5900)});
}

void customer_list(Client& client, Visitor& who) {
    client.simple("begin isolation level repeatable read read only");
    client.simple(
        fmt::format("declare buyers cursor for select c.id, c.name, c.created_at, c.preferences, "
                    "sum(o.total) over (order by c.id) as running"
                    " from customers c join orders o on o.customer_id = c.id"
                    " where c.id > 2400 and c.id % 5 = {} and o.placed_at < {} order by c.id, o.id",
                    who.dice.between(0, 4), end_of_history));
    while (client.simple("fetch 60 from buyers").count() == 60) {
    }
    client.simple("close buyers");
    client.simple("commit");
}

void stock_report(Client& client, Visitor& who) {
    const int product = who.shared_product();
    // No ORDER BY: the order of these rows is nobody's promise.
    client.query(
        "select reason, sum(delta) as sum, min(moved_on) as first from stock_movements where product_id = $1 "
        "group by reason",
        {product});
    client.query(
        "select row_to_json(p) as product, age(timestamp '2024-01-01', p.available_from) as on_sale,"
        " '\\x00ff10'::bytea as stamp, null::inet as host from (select id, name, available_from from "
        "products where id = $1) p",
        {product});
}

void reporting_act(Client& client, Visitor& who) {
    monthly(client, who);
    client.think(60);
    customer_list(client, who);
    stock_report(client, who);
}

}  // namespace

const Role reporting_role = {"shop-reporting", 0, 350, &reporting_greet, &reporting_act};

}  // namespace understudy::shop
