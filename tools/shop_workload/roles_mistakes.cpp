#include <fmt/format.h>

#include "tools/shop_workload/roles.hpp"

namespace understudy::shop {
namespace {

constexpr int mistake_rounds_per_session = 3;

void mistake_greet(Client& client, Visitor& /*who*/) {
    client.simple("select current_user, current_database() <> '' as connected");
}

void constraint_errors(Client& client, Visitor& who) {
    client.query_must_fail("23505", "insert into customers (email, name) values ($1, $2)",
                           {fmt::format("customer{}@example.com", who.shared_customer()), "Twice"});
    client.query_must_fail("23502",
                           "insert into reviews (id, product_id, customer_id, rating) values ($1, 481, 2401, 3)",
                           {-1 - who.round});
    client.must_fail(
        "23503",
        fmt::format("insert into web_sessions (token, customer_id) values ('{:08x}-0000-4000-8000-0000000000ff', 0)",
                    who.round));
    client.must_fail("23514", fmt::format("update products set stock = -1 where id = {}", who.own_product()));
}

void wrong_sql(Client& client, Visitor& who) {
    client.must_fail("22012", fmt::format("select total / (count(*) - 1) from orders where id = {} group by total",
                                          1 + who.round % 6000));
    client.must_fail("42P01", "select * from orders_archive_2019");
    client.must_fail("42601", "selekt 1");
    client.query_must_fail("22P02", "select name from products where id = $1", {"not a number"});
    client.must_fail("42501", "drop table reviews");
}

/// The application notices too late: what follows the error fails as well, until it rolls back.
void broken_transaction(Client& client, Visitor& who) {
    client.simple("begin");
    client.query("update customers set birthday = date '1990-01-01' + $2::int where id = $1",
                 {who.own_customer(), who.round});
    client.must_fail("42703", fmt::format("update customers set birthdate = null where id = {}", who.own_customer()));
    client.query_must_fail("25P02", "select name from customers where id = $1", {who.own_customer()});
    client.simple("rollback");
    client.simple("begin; savepoint attempt");
    client.must_fail("22003", "select 2147483647 + 1");
    client.simple("rollback to savepoint attempt; commit");
}

void broken_copy(Client& client, Visitor& who) {
    const std::string copy = "copy stock_movements (product_id, delta, reason, moved_on) from stdin";
    client.copy_in(Client::Protocol::simple, copy,
                   {fmt::format("{}\t1\tgood\t2024-01-01\n", who.own_product()), "x\ty\tbad\tnever\n"}, "22P02");
    client.copy_in(Client::Protocol::extended, copy, {fmt::format("{}\t1\tgood\t2024-01-01\n", who.own_product())},
                   "57014", "file vanished");
}

void mistake_act(Client& client, Visitor& who) {
    constraint_errors(client, who);
    client.think(60);
    wrong_sql(client, who);
    broken_transaction(client, who);
    if (who.dice.one_in(2)) broken_copy(client, who);
}

}  // namespace

const Role mistake_role = {"shop-mistakes", mistake_rounds_per_session, 400, &mistake_greet, &mistake_act};

}  // namespace understudy::shop
