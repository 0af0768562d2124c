#include <fmt/format.h>

#include "tools/shop_workload/roles.hpp"

namespace understudy::shop {
namespace {

void expect(const Rows& rows, ExecStatusType status) {
    if (rows.status() != status) {
        throw Surprise(fmt::format("pipeline: {} {}", PQresStatus(rows.status()), PQresultErrorMessage(rows.get())));
    }
}

void pipeline_greet(Client& client, Visitor& /*who*/) {
    client.prepare("touch",
                   "update customers set preferences = preferences || jsonb_build_object('points', $2::int) "
                   "where id = $1");
}

/// Five statements, one round trip.
void read_batch(Client& client, Visitor& who) {
    client.begin_pipeline();
    client.send("select name, price from products where id = $1", {who.shared_product()});
    client.send("select count(*) from reviews where product_id = $1", {who.shared_product()});
    client.send_prepared("touch", {who.own_customer(), who.round});
    client.send("select name, tags from customers where id = $1", {who.shared_customer()});
    client.send("select rating, headline from reviews where product_id = $1 order by id", {who.shared_product()});
    client.sync();
    for (int i = 0; i < 5; ++i) expect(client.next_result(), i == 2 ? PGRES_COMMAND_OK : PGRES_TUPLES_OK);
    client.end_of_batch();
    client.end_pipeline();
}

/// The id that a Flush brings back is used before the Sync: one exchange, two round trips.
void order_batch(Client& client, Visitor& who) {
    client.begin_pipeline();
    client.send("insert into orders (customer_id, note) values ($1, $2) returning id",
                {who.own_customer(), "Subscription " + who.mark()});
    client.flush();
    const Rows order = client.next_result();
    expect(order, PGRES_TUPLES_OK);
    client.send("insert into order_items (order_id, line, product_id, quantity, price) values ($1, 1, $2, 1, 9.90)",
                {order.text(), who.own_product()});
    client.send(
        "insert into order_items (order_id, line, product_id, quantity, price) values "
        "(currval('orders_id_seq'), 2, $1, 2, 4.50)",
        {who.own_product()});
    client.sync();
    expect(client.next_result(), PGRES_COMMAND_OK);
    expect(client.next_result(), PGRES_COMMAND_OK);
    client.end_of_batch();
    client.end_pipeline();
    client.query("select line, quantity, price from order_items where order_id = $1 order by line", {order.text()});
}

/// The second statement fails: the server skips the third, and a new batch behind the Sync works again.
void broken_batch(Client& client, Visitor& who) {
    client.begin_pipeline();
    client.send("update products set stock = stock + 1 where id = $1", {who.own_product()});
    client.send("insert into order_items (order_id, line, product_id, quantity, price) values ($1, 1, 481, 0, 1)",
                {1 + who.round});
    client.send("select 1 as never_reached");
    client.sync();
    client.send("select count(*) from categories");
    client.sync();
    expect(client.next_result(), PGRES_COMMAND_OK);
    expect(client.next_result(), PGRES_FATAL_ERROR);
    expect(client.next_result(), PGRES_PIPELINE_ABORTED);
    client.end_of_batch();
    expect(client.next_result(), PGRES_TUPLES_OK);
    client.end_of_batch();
    client.end_pipeline();
}

void pipeline_act(Client& client, Visitor& who) {
    read_batch(client, who);
    client.think(60);
    order_batch(client, who);
    if (who.dice.one_in(3)) broken_batch(client, who);
}

}  // namespace

const Role pipeline_role = {"shop-pipeline", 0, 150, &pipeline_greet, &pipeline_act};

}  // namespace understudy::shop
