#include <algorithm>

#include "tests/fidelity/workload/acts.hpp"

namespace understudy::hostile {
namespace {

constexpr int accounts = 8;
constexpr int counters = 6;

std::string account(int n) { return "account-" + std::to_string(n); }
std::string counter(int n) { return "counter-" + std::to_string(n); }

/// Two different accounts, in the order in which they are locked.
std::pair<int, int> two_accounts(Dice& dice) {
    const int first = dice.between(1, accounts - 1);
    return {first, dice.between(first + 1, accounts)};
}

void transfer(Actor& a) {
    const auto [from, to] = two_accounts(a.dice);
    const int amount = a.dice.between(1, 50);
    a.session.simple("begin");
    for (const int n : {from, to}) {
        a.session.prepared("lock_account", "select id, balance, version from accounts where name = $1 for update",
                           {account(n)});
    }
    const std::string update =
        "update accounts set balance = balance + $1, version = version + 1 where name = $2 returning balance, version";
    a.session.prepared("move", update, {Value::int4(-amount), account(from)});
    a.session.prepared("move", update, {Value::int4(amount), account(to)});
    a.session.ask(
        "insert into ledger (account_id, delta, memo) select id, $2::int, $3 from accounts where name = $1 "
        "returning id, account_id",
        {account(to), amount, a.unique("transfer")});
    a.session.simple(a.dice.one_in(8) ? "rollback" : "commit");
}

void transfer_by_id(Actor& a) {
    const int n = a.dice.between(1, accounts);
    a.session.simple("begin");
    const std::string id = a.session.simple("select id from accounts where name = '" + account(n) + "'").text();
    const char* lock = a.dice.one_in(2) ? "for update" : "for no key update";
    a.session.simple("select balance from accounts where id = " + id + " " + lock);
    a.session.ask("update accounts set balance = balance + 1 where id = $1 returning balance", {id});
    a.session.simple(a.dice.one_in(6) ? "rollback" : "commit");
}

void count_up(Actor& a) {
    a.session.prepared("count_up", "update counters set v = v + 1 where name = $1 returning v",
                       {counter(a.dice.between(1, counters))});
}

void count_up_literal(Actor& a) {
    a.session.simple("update counters set v = v + 1 where name = '" + counter(a.dice.between(1, counters)) +
                     "' returning v");
}

void several_statements(Actor& a) {
    const std::string one = account(a.dice.between(1, accounts));
    a.session.simple("begin; update accounts set balance = balance + 2 where name = '" + one +
                     "'; insert into ledger (account_id, delta, memo) select id, 2, '" + a.unique("batch") +
                     "' from accounts where name = '" + one + "'; update counters set v = v + 1 where name = '" +
                     counter(a.dice.between(1, counters)) + "' returning v; commit");
}

void repeatable_read(Actor& a) {
    const int n = a.dice.between(1, accounts);
    a.session.simple("begin isolation level repeatable read");
    a.session.ask("select balance from accounts where name = $1", {account(n)});
    a.session.ask("select v from counters where name = $1", {counter(a.dice.between(1, counters))});
    a.session.ask("select balance from accounts where name = $1", {account(n)});
    if (a.dice.one_in(3)) a.session.ask("select sum(balance), sum(version) from accounts");
    if (a.dice.one_in(2)) {
        a.session.ask("update accounts set version = version + 1 where name = $1 returning version", {account(n)});
    }
    a.session.simple("commit");
}

void serializable(Actor& a) {
    a.session.simple("begin isolation level serializable read only");
    a.session.ask("select balance from accounts where name = $1", {account(a.dice.between(1, accounts))});
    a.session.ask("select v from counters where name = $1", {counter(a.dice.between(1, counters))});
    a.session.simple("commit");
}

void advisory(Actor& a) {
    const int key = a.dice.between(1, 4);
    const std::string one = counter(a.dice.between(1, counters));
    if (a.dice.one_in(2)) {
        a.session.simple("begin");
        a.session.ask("select pg_advisory_xact_lock($1)", {Value::int8(key)});
        const std::string v = a.session.ask("select v from counters where name = $1", {one}).text();
        a.session.ask("update counters set v = v + 1 where name = $1 returning v", {one});
        a.session.simple("commit");
        return;
    }
    a.session.simple("select pg_advisory_lock(" + std::to_string(key) + ")");
    a.session.ask("update counters set v = v + 1 where name = $1 returning v", {one});
    a.session.simple("select pg_advisory_unlock(" + std::to_string(key) + ")");
}

void balance(Actor& a) {
    a.session.prepared("balance", "select balance, version from accounts where name = $1",
                       {account(a.dice.between(1, accounts))});
}

}  // namespace

const std::vector<Act> money_acts = {
    {"transfer", 10, &transfer},
    {"transfer_by_id", 6, &transfer_by_id},
    {"count_up", 12, &count_up},
    {"count_up_literal", 6, &count_up_literal},
    {"several_statements", 4, &several_statements},
    {"repeatable_read", 5, &repeatable_read},
    {"serializable", 2, &serializable},
    {"advisory", 4, &advisory},
    {"balance", 8, &balance},
};

}  // namespace understudy::hostile
