#include "tests/fidelity/workload/acts.hpp"

namespace understudy::hostile {
namespace {

constexpr int products = 8;

std::string customer(Actor& a) { return "customer-" + std::to_string(a.dice.between(1, 24)) + "@example.com"; }
std::string counter(Actor& a) { return "counter-" + std::to_string(a.dice.between(1, 6)); }

/// A generated key is read through Flush and used by a later Bind of the same exchange.
void pipeline_with_flush(Actor& a) {
    const std::string who = a.session.ask("select id from customers where email = $1", {customer(a)}).text();
    a.session.begin_pipeline();
    a.session.send("insert into orders (customer_id, reference) values ($1, $2) returning id",
                   {who, a.unique("flush")});
    a.session.flush();
    const std::string order = a.session.next().text();
    a.session.send(
        "insert into order_items (order_id, product_id, quantity) values ($1, $2, $3) returning id, order_id",
        {Value::int4(std::stoi(order)), a.dice.between(1, products), 3});
    a.session.send("update orders set status = 'piped' where id = $1 returning reference", {order});
    a.session.flush();
    const std::string item = a.session.next().text();
    a.session.next();
    a.session.send("select quantity from order_items where id = $1", {item});
    a.session.sync();
    a.session.next();
    a.session.synced();
    a.session.end_pipeline();
    a.baton.put("order", order);
}

/// Several statements, one Sync: one implicit transaction.
void pipelined_batch(Actor& a) {
    const std::string name = counter(a);
    a.session.begin_pipeline();
    a.session.send("insert into ledger (account_id, delta, memo) select id, 0, $2 from accounts where name = $1",
                   {"account-" + std::to_string(a.dice.between(1, 8)), a.unique("piped")});
    a.session.send("update counters set v = v + 1 where name = $1 returning v", {name});
    a.session.send("select v from counters where name = $1", {name});
    a.session.send("select email, visits from customers where email = $1", {customer(a)});
    a.session.sync();
    for (int i = 0; i < 4; ++i) a.session.next();
    a.session.synced();
    a.session.end_pipeline();
}

/// Two Syncs under way at once: two transactions.
void two_batches(Actor& a) {
    const std::string name = counter(a);
    a.session.begin_pipeline();
    a.session.send("update counters set v = v + 1 where name = $1 returning v", {name});
    a.session.sync();
    a.session.send("update counters set v = v + 10 where name = $1 returning v", {counter(a)});
    a.session.sync();
    for (int i = 0; i < 2; ++i) {
        a.session.next();
        a.session.synced();
    }
    a.session.end_pipeline();
}

void cursor(Actor& a) {
    a.session.simple("begin");
    a.session.simple(
        "declare c cursor for select sku, label, on_hand >= 0 from products join inventory on id = product_id order by "
        "sku");
    for (int n = 0; n < 3; ++n) a.session.simple("fetch 3 from c");
    a.session.simple("close c");
    a.session.simple("commit");
}

void cursor_on_hot_rows(Actor& a) {
    a.session.simple("begin");
    a.session.simple(
        "declare hot cursor for select name, v from counters where name in ('counter-1', 'counter-2') order by name");
    a.session.simple("fetch 1 from hot");
    a.session.simple("fetch 1 from hot");
    a.session.simple("commit");
}

void portal(Actor& a) {
    const std::string by = a.dice.one_in(2) ? "sku" : "label";
    a.session.read_portal("select sku, label, price from products order by " + by, 3);
}

void portal_on_hot_rows(Actor& a) {
    a.session.read_portal(
        "select name, balance from accounts where name in ('account-1', 'account-2', 'account-3') order by 1", 2);
}

void copy_lines(Actor& a) {
    const std::string batch = a.unique("batch");
    std::vector<std::string> lines;
    for (int n = a.dice.between(1, 20); n > 0; --n) {
        lines.push_back(batch + "\t" + std::to_string(n) + "\tvalue " + std::to_string(a.dice.between(1, 1000)) + "\n");
    }
    a.session.copy_in("copy imported (batch, line, value) from stdin", lines);
    a.session.ask("select count(*), min(value), max(value) from imported where batch = $1", {batch});
}

/// Keys of other sessions' rows inside COPY data.
void copy_notes(Actor& a) {
    const auto order = a.baton.take("seen", a.dice);
    if (!order) return;
    std::vector<std::string> lines;
    const int first = (a.number * 1000 + a.serial) * 10;
    for (int n = 0; n < 3; ++n) lines.push_back(*order + "\t" + std::to_string(first + n) + "\tnote\n");
    a.session.copy_in("copy order_notes (order_id, line, body) from stdin", lines);
    a.session.ask("select line, body from order_notes where order_id = $1 order by line", {*order});
    a.baton.put("seen", *order);
}

void savepoints(Actor& a) {
    a.session.simple("begin");
    const std::string who = a.session.ask("select id from customers where email = $1", {customer(a)}).text();
    const std::string insert = "insert into orders (customer_id, reference) values ($1, $2) returning id";
    const std::string order = a.session.ask(insert, {who, a.unique("kept")}).text();
    a.session.simple("savepoint s");
    const std::string dropped = a.session.ask(insert, {who, a.unique("dropped")}).text();
    a.session.ask("insert into order_items (order_id, product_id, quantity) values ($1, 1, 1)", {dropped});
    if (a.dice.one_in(2)) a.session.fails("23505", insert, {who, a.unique("kept")});
    a.session.simple("rollback to savepoint s");
    a.session.ask("insert into order_items (order_id, product_id, quantity) values ($1, $2, 1) returning id",
                  {order, a.dice.between(1, products)});
    a.session.simple("savepoint t");
    a.session.ask("update orders set status = 'saved' where id = $1 returning status", {order});
    a.session.simple("release savepoint t");
    a.session.simple("commit");
    a.baton.put("order", order);
}

void mistakes(Actor& a) {
    switch (a.dice.between(1, 6)) {
        case 1: a.session.fails("23505", "insert into customers (email) values ($1)", {customer(a)}); break;
        case 2:
            a.session.fails("23503", "insert into orders (customer_id, reference) values (-1, $1)",
                            {a.unique("orphan")});
            break;
        case 3:
            a.session.fails("23514", "update inventory set on_hand = -1 where product_id = $1",
                            {a.dice.between(1, products)});
            break;
        case 4: a.session.fails("22P02", "select id from orders where id = $1", {"ten"}); break;
        case 5:
            a.session.fails("23502", "insert into documents (slug, body) values ($1, null)", {a.unique("empty")});
            break;
        default:
            a.session.simple("begin");
            a.session.fails("23503", "insert into order_items (order_id, product_id, quantity) values (-1, 1, 1)");
            a.session.fails("25P02", "select 1");
            a.session.simple("rollback");
    }
}

void temporary_table(Actor& a) {
    a.session.simple("create temp table scratch (n int primary key, word text)");
    a.session.simple("insert into scratch select n, 'word ' || n from generate_series(1, 5) n");
    a.session.ask("select word from scratch where n = $1", {a.dice.between(1, 5)});
    a.session.simple("drop table scratch");
}

}  // namespace

const std::vector<Act> protocol_acts = {
    {"pipeline_with_flush", 5, &pipeline_with_flush},
    {"pipelined_batch", 4, &pipelined_batch},
    {"two_batches", 3, &two_batches},
    {"cursor", 3, &cursor},
    {"cursor_on_hot_rows", 1, &cursor_on_hot_rows},
    {"portal", 3, &portal},
    {"portal_on_hot_rows", 1, &portal_on_hot_rows},
    {"copy_lines", 3, &copy_lines},
    {"copy_notes", 3, &copy_notes},
    {"savepoints", 4, &savepoints},
    {"mistakes", 6, &mistakes},
    {"temporary_table", 2, &temporary_table},
};

}  // namespace understudy::hostile
