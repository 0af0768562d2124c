#include <fmt/format.h>

#include "tools/shop_workload/roles.hpp"

namespace understudy::shop {
namespace {

void checkout_greet(Client& client, Visitor& /*who*/) {
    client.simple("set application_name = 'shop-checkout-desk'; set lock_timeout = '5s'");
    client.prepare("take_stock",
                   "update products set stock = stock - $2 where id = $1 and stock >= $2 returning stock, price");
    client.prepare("add_item",
                   "insert into order_items (order_id, line, product_id, quantity, price) values ($1, $2, $3, $4, $5)");
}

/// Order, items, stock and payment in one transaction; returns the order's id, or nothing when the customer
/// left.
std::string place_order(Client& client, Visitor& who) {
    client.simple("begin");
    const Rows order =
        client.query("insert into orders (customer_id, note) values ($1, $2) returning id, status, placed_at",
                     {who.own_customer(), who.dice.one_in(3) ? Param("Gift, visit " + who.mark()) : Param::null()});
    const std::string id = order.text();
    const int lines = who.dice.between(1, 3);
    const int first_product = who.number * 20 + who.dice.between(1, 18);
    for (int line = 1; line <= lines; ++line) {
        const int quantity = who.dice.between(1, 4);
        const int product = first_product + line - 1;
        const Rows stock = client.execute("take_stock", {product, quantity});
        client.execute("add_item", {id, line, product, quantity, stock.text(0, 1)});
    }
    const Rows total = client.query(
        "update orders set total = (select sum(quantity * price) from order_items where order_id = $1)"
        " where id = $1 returning total",
        {id});
    if (who.dice.one_in(8)) {
        client.simple("rollback");
        return {};
    }
    static constexpr const char* methods[] = {"card", "invoice", "voucher"};
    client.query(
        "insert into payments (order_id, amount, method, reference, details) values ($1, $2, $3, $4, $5) "
        "returning id, amount",
        {id, total.text(), methods[who.dice.between(0, 2)], "WEB-" + who.mark(),
         fmt::format(R"({{"terminal": {}, "attempts": [1, 2]}})", who.number)});
    client.query("update orders set status = 'paid' where id = $1", {id});
    client.simple("commit");
    return id;
}

/// The warehouse packs; which carrier comes is known only in the evening.
void pack(Client& client, Visitor& who, const std::string& id) {
    client.simple("begin");
    client.query("insert into shipments (order_id, address) values ($1, $2)",
                 {id, fmt::format("Warehouse street {}, 8005 Zürich", who.number)});
    client.query("update orders set status = 'shipped' where id = $1 and status = 'paid' returning status", {id});
    client.simple("commit");
}

void checkout_act(Client& client, Visitor& who) {
    const std::string id = place_order(client, who);
    client.think(100);
    if (id.empty()) return;
    client.query(
        "select o.id, o.status, o.total, i.line, i.quantity, i.price, p.name from orders o"
        " join order_items i on i.order_id = o.id join products p on p.id = i.product_id"
        " where o.id = $1 order by i.line",
        {id});
    if (who.dice.one_in(2)) pack(client, who, id);
    if (who.dice.one_in(5)) {
        client.simple(
            fmt::format("update orders set status = 'cancelled', note = 'Changed my mind' where id = {}", id));
    }
}

}  // namespace

const Role checkout_role = {"shop-checkout", 0, 280, &checkout_greet, &checkout_act};

}  // namespace understudy::shop
