#include "tests/fidelity/workload/acts.hpp"

namespace understudy::hostile {
namespace {

constexpr int customers = 24;
constexpr int products = 8;

std::string customer(Actor& a) { return "customer-" + std::to_string(a.dice.between(1, customers)) + "@example.com"; }

/// Products of one order, ascending: the trigger locks their sales in this order.
std::vector<int> basket(Dice& dice) {
    std::vector<int> chosen;
    for (int n = dice.between(1, 3); n <= products && chosen.size() < 3; n += dice.between(1, 4)) chosen.push_back(n);
    return chosen;
}

void add_items(Actor& a, const std::string& order, const std::vector<int>& chosen) {
    for (const int product : chosen) {
        a.session.prepared("add_item",
                           "insert into order_items (order_id, product_id, quantity) values ($1, $2, $3) returning id",
                           {order, Value::int4(product), Value::int4(a.dice.between(1, 5))});
    }
}

void place_order(Actor& a) {
    const std::vector<int> chosen = basket(a.dice);
    a.session.simple("begin");
    const std::string who = a.session.ask("select id, region from customers where email = $1", {customer(a)}).text();
    const std::string order =
        a.session
            .prepared("new_order", "insert into orders (customer_id, reference) values ($1, $2) returning id",
                      {who, a.unique("order")})
            .text();
    add_items(a, order, chosen);
    for (const int product : chosen) {
        a.session.ask("update inventory set on_hand = on_hand - 1 where product_id = $1 returning on_hand",
                      {Value::int4(product)});
    }
    if (a.dice.one_in(7)) {
        a.session.simple("rollback");
        return;
    }
    a.session.simple("commit");
    a.baton.put("order", order);
}

void place_order_literals(Actor& a) {
    const std::string order =
        a.session
            .simple("insert into orders (customer_id, reference) select id, '" + a.unique("literal") +
                    "' from customers where email = '" + customer(a) + "' returning id")
            .text();
    a.session.simple("insert into order_items (order_id, product_id, quantity) values (" + order + ", " +
                     std::to_string(a.dice.between(1, products)) + ", 2)");
    a.session.simple("select reference, lines, quantity from order_overview where id = " + order);
    a.baton.put("order", order);
}

void order_by_currval(Actor& a) {
    a.session.simple("begin");
    const std::string who = a.session.ask("select id, region from customers where email = $1", {customer(a)}).text();
    a.session.ask("insert into orders (customer_id, reference) values ($1, $2)", {who, a.unique("currval")});
    const std::string order =
        a.session.simple(a.dice.one_in(2) ? "select lastval()" : "select currval('orders_id_seq')").text();
    add_items(a, order, {a.dice.between(1, products)});
    a.session.simple("commit");
    a.baton.put("order", order);
}

void order_in_one_statement(Actor& a) {
    const Answer made = a.session.ask(
        "with made as (insert into orders (customer_id, reference) select id, $2 from customers where email = $1 "
        "returning id) insert into order_items (order_id, product_id, quantity) select id, $3::int, 1 from made "
        "returning order_id, id",
        {customer(a), a.unique("with"), a.dice.between(1, products)});
    a.baton.put("order", made.text(0, 0));
}

/// Another session's order: read, changed, paid, handed on.
void follow_order(Actor& a) {
    const auto order = a.baton.take("order", a.dice);
    if (!order) return;
    a.session.prepared("order_by_id", "select id, reference, status from orders where id = $1",
                       {Value::int4(std::stoi(*order))});
    a.session.prepared("overview", "select reference, status, email, lines, quantity from order_overview where id = $1",
                       {*order});
    a.session.ask("select product_id, quantity from order_items where order_id = $1 order by product_id", {*order});
    a.session.ask("update orders set status = 'seen' where id = $1 returning id, reference", {*order});
    if (a.dice.one_in(2)) {
        const std::string account = "account-" + std::to_string(a.dice.between(1, 8));
        const std::string id = a.session.simple("select id from accounts where name = '" + account + "'").text();
        const std::string payment =
            a.session
                .ask(
                    "insert into payments (order_id, account_id, amount, receipt) values ($1, $2, $3, $4) returning id",
                    {*order, id, a.dice.between(1, 99), a.unique("receipt")})
                .text();
        a.baton.put("payment", payment);
    }
    a.baton.put("seen", *order);
}

void follow_payment(Actor& a) {
    const auto payment = a.baton.take("payment", a.dice);
    if (!payment) return;
    a.session.ask("select amount, receipt from payments where id = $1", {Value::uuid(*payment)});
    a.session.simple("update payments set amount = amount + 1 where id = '" + *payment + "' returning amount, receipt");
    if (a.dice.one_in(2)) a.baton.put("payment", *payment);
}

/// Many handed keys in one array, as text and in binary.
void follow_many(Actor& a) {
    std::vector<std::string> orders;
    std::string text = "{";
    while (orders.size() < 3) {
        const auto order = a.baton.take("seen", a.dice);
        if (!order) break;
        text += (orders.empty() ? "" : ",") + *order;
        orders.push_back(*order);
    }
    if (orders.empty()) return;
    a.session.ask("select reference, status from orders where id = any($1) order by reference", {text + "}"});
    a.session.ask("select order_id, product_id from order_items where order_id = any($1) order by order_id, product_id",
                  {Value::int4s(orders)});
    std::string list;
    for (const std::string& order : orders) list += (list.empty() ? "" : ", ") + order;
    a.session.simple("select count(*) from order_items where order_id in (" + list + ")");
    for (const std::string& order : orders) a.baton.put("seen", order);
}

void cancel_order(Actor& a) {
    const auto order = a.baton.take("seen", a.dice);
    if (!order) return;
    a.session.simple("begin");
    a.session.ask("select status from orders where id = $1 for update", {*order});
    a.session.ask("delete from orders where id = $1 returning reference", {*order});
    a.session.simple(a.dice.one_in(5) ? "rollback" : "commit");
}

void passing_customer(Actor& a) {
    const std::string who =
        a.session.ask("insert into customers (email) values ($1) returning id", {a.unique("passing")}).text();
    const std::string order = a.session
                                  .ask("insert into orders (customer_id, reference) values ($1, $2) returning id",
                                       {Value::int8(std::stoll(who)), a.unique("passing")})
                                  .text();
    a.session.ask("insert into order_items (order_id, product_id, quantity) values ($1, $2, 1) returning id",
                  {order, a.dice.between(1, products)});
    a.session.ask("delete from customers where id = $1 returning email", {who});
    a.session.ask("select count(*) from orders where id = $1", {order});
}

void sales(Actor& a) {
    a.session.prepared("sales", "select lines, sold from product_sales where product_id = $1",
                       {Value::int4(a.dice.between(1, products))});
}

}  // namespace

const std::vector<Act> order_acts = {
    {"place_order", 10, &place_order},
    {"place_order_literals", 4, &place_order_literals},
    {"order_by_currval", 3, &order_by_currval},
    {"order_in_one_statement", 3, &order_in_one_statement},
    {"follow_order", 14, &follow_order},
    {"follow_payment", 6, &follow_payment},
    {"follow_many", 4, &follow_many},
    {"cancel_order", 3, &cancel_order},
    {"sales", 4, &sales},
    {"passing_customer", 2, &passing_customer},
};

}  // namespace understudy::hostile
