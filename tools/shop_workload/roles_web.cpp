#include <fmt/format.h>

#include "tools/shop_workload/roles.hpp"

namespace understudy::shop {
namespace {

constexpr int web_rounds_per_session = 6;

std::string session_token(Visitor& who) {
    const std::uint64_t bits = who.dice.bits();
    return fmt::format("{:08x}-{:04x}-4000-8000-{:012x}", bits >> 32, (bits >> 16) & 0xffff, who.number);
}

void home_page(Client& client, Visitor& who) {
    client.simple("select id, name from categories where parent_id is null order by id");
    client.simple(
        fmt::format("select id, name, price from products where category_id = {} and id > 480 order by price "
                    "desc, id limit 6",
                    who.dice.between(1, 30)));
    // The footer: differs on every run, on any schema.
    client.simple("select now() as server_time, random() as request_tag");
}

void profile_page(Client& client, Visitor& who) {
    const int customer = who.own_customer();
    client.query("select id, email, name, phone, tags, birthday from customers where id = $1", {customer});
    client.query("select preferences->>'language' as language, preferences from customers where id = $1", {customer});
    client.query(
        "select o.id, o.status, o.total, o.note, o.placed_at from orders o"
        " where o.customer_id = $1 and o.placed_at < timestamptz '2024-02-01' order by o.placed_at desc "
        "limit 10",
        {customer});
    if (who.dice.one_in(3)) {
        client.query(
            "update customers set preferences = preferences || jsonb_build_object('visits', $2::int) where "
            "id = $1",
            {customer, who.round});
    }
}

void basket_page(Client& client, Visitor& who) {
    const std::string token = session_token(who);
    client.query(
        "insert into web_sessions (token, customer_id, basket) values ($1, $2, $3)"
        " on conflict (token) do update set basket = excluded.basket, seen_at = now()",
        {token, who.dice.one_in(4) ? Param::null() : Param(who.own_customer()),
         fmt::format(R"([{{"product": {}, "quantity": {}}}])", who.own_product(), who.dice.between(1, 3))});
    client.query("select basket, jsonb_array_length(basket) as lines from web_sessions where token = $1", {token});
    if (who.dice.one_in(2)) client.query("delete from web_sessions where token = $1", {token});
}

void review_page(Client& client, Visitor& who) {
    static constexpr const char* headlines[] = {"Good", "Would buy it again", "Arrived late, but works as described",
                                                "Not what the picture shows", "O'Brien's favourite"};
    const int product = who.own_product();
    client.query("insert into reviews (product_id, customer_id, rating, headline, body) values ($1, $2, $3, $4, $5)",
                 {product, who.own_customer(), who.dice.between(1, 5), headlines[who.dice.between(0, 4)],
                  who.dice.one_in(2) ? Param::null() : Param("Written in visit " + who.mark())});
    client.query("select rating, headline, body from reviews where product_id = $1 order by id desc limit 5",
                 {product});
    client.simple(fmt::format("select count(*), avg(rating) from reviews where product_id = {}", product));
}

void registration_page(Client& client, Visitor& who) {
    const std::string email = "new-" + who.mark() + "@example.net";
    client.simple(
        fmt::format("begin; insert into customers (email, name, tags) values ('{}', 'Visitor {}', "
                    "'{{newsletter}}'); commit",
                    email, who.mark()));
    client.query("select name, tags, phone is null as no_phone from customers where email = $1", {email});
}

void web_greet(Client& client, Visitor& /*who*/) { client.simple("set statement_timeout = '30s'"); }

void web_act(Client& client, Visitor& who) {
    home_page(client, who);
    client.think(60);
    switch (who.dice.between(1, 8)) {
        case 1:
        case 2:
        case 3: return profile_page(client, who);
        case 4:
        case 5: return basket_page(client, who);
        case 6:
        case 7: return review_page(client, who);
        default: return registration_page(client, who);
    }
}

}  // namespace

const Role web_role = {"shop-web", web_rounds_per_session, 160, &web_greet, &web_act};

}  // namespace understudy::shop
