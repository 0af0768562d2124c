#include "tests/fidelity/workload/acts.hpp"

namespace understudy::hostile {
namespace {

std::string shared_customer(Actor& a) { return "shared-" + std::to_string(a.dice.between(1, 40)) + "@example.com"; }

void work_on_a_job(Actor& a) {
    a.session.simple("begin");
    const std::string job =
        a.session.simple("select id from jobs where state = 'ready' order by id for update skip locked limit 1").text();
    if (!job.empty()) {
        a.session.ask("update jobs set state = 'done', worker = $2 where id = $1 returning payload",
                      {job, a.session.name()});
    }
    a.session.simple("commit");
}

void new_job(Actor& a) {
    const std::string job =
        a.session.prepared("new_job", "insert into jobs (payload) values ($1) returning id", {a.unique("job")}).text();
    a.session.ask("select payload from jobs where id = $1", {Value::int8(std::stoll(job))});
}

void upsert(Actor& a) {
    const std::string id = a.session
                               .ask(
                                   "insert into customers (email, region) values ($1, 'east') on conflict (email) do "
                                   "update set visits = customers.visits + 1 returning id, visits",
                                   {shared_customer(a)})
                               .text();
    a.session.ask("select email, region from customers where id = $1", {id});
    a.baton.put("customer", id);
}

void insert_or_nothing(Actor& a) {
    const std::string email = shared_customer(a);
    a.session.ask("insert into customers (email) values ($1) on conflict do nothing returning id", {email});
    const std::string id = a.session.ask("select id from customers where email = $1", {email}).text();
    a.session.simple("select email from customers where id = " + id);
}

void follow_customer(Actor& a) {
    const auto id = a.baton.take("customer", a.dice);
    if (!id) return;
    a.session.ask("select email, region from customers where id = $1", {Value::int8(std::stoll(*id))});
    a.session.ask("update customers set region = 'South' where id = $1 returning email", {*id});
}

void new_document(Actor& a) {
    const std::string id = a.session
                               .ask("insert into documents (slug, body) values ($1, $2) returning id",
                                    {a.unique("document"), "{\"words\": " + std::to_string(a.dice.between(1, 9)) + "}"})
                               .text();
    a.session.ask(
        "update documents set revision = revision + 1, body = jsonb_set(body, '{title}', '\"x\"') "
        "where id = $1 returning revision, body",
        {Value::uuid(id)});
    a.baton.put("document", id);
}

void follow_document(Actor& a) {
    const auto id = a.baton.take("document", a.dice);
    if (!id) return;
    a.session.prepared("document", "select id, slug, revision from documents where id = $1", {*id});
    a.session.simple("update documents set revision = revision + 1 where id = '" + *id + "' returning slug, revision");
    if (a.dice.one_in(3)) {
        a.session.ask("delete from documents where id = any($1) returning slug", {"{" + *id + "}"});
    } else {
        a.baton.put("document", *id);
    }
}

/// Reads of whole tables: what they answer depends on every commit.
void report(Actor& a) {
    switch (a.dice.between(1, 6)) {
        case 1: a.session.simple("select sum(balance) from accounts"); break;
        case 2: a.session.simple("select status, count(*) from orders group by status order by status"); break;
        case 3:
            a.session.ask(
                "select p.sku, s.lines, s.sold from product_sales s join products p on p.id = s.product_id "
                "where p.sku = $1",
                {"sku-" + std::to_string(a.dice.between(1, 8))});
            break;
        case 4: a.session.simple("select region, count(*) from customers group by region order by region"); break;
        case 5: a.session.ask("select sku, label from products order by label", {}, true); break;
        default: a.session.simple("select sum(v), count(*) from counters");
    }
}

void restock(Actor& a) {
    a.session.ask("select restock($1, $2)", {"sku-" + std::to_string(a.dice.between(1, 8)), a.dice.between(1, 9)});
}

void settings(Actor& a) {
    a.session.simple("set statement_timeout = '30s'");
    a.session.simple("show statement_timeout");
    a.session.simple("reset statement_timeout");
}

}  // namespace

const std::vector<Act> other_acts = {
    {"work_on_a_job", 8, &work_on_a_job},
    {"new_job", 4, &new_job},
    {"upsert", 6, &upsert},
    {"insert_or_nothing", 4, &insert_or_nothing},
    {"follow_customer", 4, &follow_customer},
    {"new_document", 5, &new_document},
    {"follow_document", 5, &follow_document},
    {"report", 3, &report},
    {"restock", 2, &restock},
    {"settings", 1, &settings},
};

}  // namespace understudy::hostile
