#include "tests/integration/replay/replay_fixture.hpp"

namespace understudy::replay {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RecordedSession;
using testing::Recording;
namespace fe = testing::fe;

constexpr const char* kShop = R"(
create table customer (id int generated always as identity primary key, name text not null unique);
create table orders (id bigserial primary key, customer int not null references customer, total numeric(10,2));
create table document (id uuid primary key default gen_random_uuid(), orders bigint references orders, body text);
create table tally (n int primary key, hits int not null default 0);
insert into customer (name) select 'c' || i from generate_series(1, 20) i;
insert into orders (customer, total) select i, i from generate_series(1, 20) i;
insert into tally select i from generate_series(1, 200) i;
)";
/// The target's sequences stand elsewhere; with other amounts, so that a value mapped in the wrong domain shows.
constexpr const char* kShift = R"(
select setval('customer_id_seq', 1000);
select setval('orders_id_seq', 70000);
)";

/// int4 as it is sent in binary.
Bytes int4(std::uint32_t value) {
    Bytes bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> static_cast<unsigned>(shift));
    return bytes;
}
Bytes int8(std::uint32_t value) { return Bytes(4, '\0') + int4(value); }

/// A value of a row in text format.
Bytes cell(const Bytes& row, std::size_t wanted = 0) {
    Bytes found;
    pgwire::for_each_cell(row, [&](std::size_t index, std::optional<BytesView> value) {
        if (index == wanted && value) found = *value;
    });
    return found;
}

class Remap : public ReplayTest {
protected:
    /// Records on a new shop, replays on a copy with other sequences, compares.
    template <class Talk>
    Verdict rehearse(Talk talk, const std::string& more = "", ResultsPolicy policy = ResultsPolicy::full) {
        const std::string shop = new_database(kShop);
        const std::string copy = copy_of(shop, kShift);
        Recording recording(file("prod"), {1, policy});
        talk(recording, shop);
        recording.finish();
        played_ = replay(copy, "prod", "out", "--speed max --ignore-start-state " + more).out;
        return compare();
    }
    template <class Talk>
    void expect_same(Talk talk, ResultsPolicy policy = ResultsPolicy::full) {
        const std::string results = policy == ResultsPolicy::digest ? "--results digest" : "--results full";
        const Verdict mapped = rehearse(talk, results, policy);
        EXPECT_EQ(mapped.exit_code, 0) << mapped.text << played_;
        ASSERT_TRUE(mapped.json.is_object()) << mapped.text;
        EXPECT_EQ(mapped.json["verdict"], "same") << mapped.text << played_;
        EXPECT_EQ(results_that_differ_as_they_are(), true) << "the target generated other values";
        const Verdict plain = rehearse(talk, results + " --no-remap", policy);
        EXPECT_EQ(plain.exit_code, 1) << "sent as recorded it differs\n" << plain.text;
    }
    [[nodiscard]] bool results_that_differ_as_they_are() const {
        for (const Response& response : all<Response>()) {
            for (const StepResult& result : response.results) {
                if (result.normalised) return true;
            }
        }
        return false;
    }
    [[nodiscard]] std::uint64_t counter(const std::string& name) const {
        std::uint64_t value = 0;
        for (const Counters& counters : all<Counters>()) {
            const auto found = counters.values.find(name);
            if (found != counters.values.end()) value = found->second;
        }
        return value;
    }
    RecordedSession& begin(Recording& recording, const std::string& shop) {
        return recording.session(cluster().port(), shop);
    }
    std::string played_;
};

/// Orders that are placed, read and changed, with ids as literals.
void shop_in_sql(RecordedSession& s) {
    s.query("insert into customer (name) values ('ann') returning id");
    const Bytes customer = cell(s.rows().at(0));
    s.query("insert into orders (customer, total) values (" + customer + ", 5), (" + customer +
            ", 6) returning id, total");
    const Bytes first = cell(s.rows().at(0));
    const Bytes second = cell(s.rows().at(1));
    s.query("select * from orders where id = " + first + " or id = " + second + " order by id");
    s.query("select c.name, o.total from orders o join customer c on c.id = o.customer where o.customer = " + customer +
            " and o.id in (" + first + ", " + second + ") order by o.total");
    s.query("update tally set hits = hits + 1 where n = " + first + " returning n, hits");
    s.query("update orders set total = total + 1 where id = '" + first + "' returning id, total");
    s.query("begin; update orders set total = 0 where id = " + second + "; commit");
    s.query("delete from orders where id between " + first + " and " + second + " returning total");
    s.query("select count(*) from orders where customer = " + customer);
    s.query("select id, total from orders where id = 7").query("select name from customer where id = 7");
}

TEST_F(Remap, LiteralsOfStatements) {
    expect_same([&](Recording& recording, const std::string& shop) { shop_in_sql(begin(recording, shop)); });
}

TEST_F(Remap, ACaptureOfDigestsOnly) {
    expect_same([&](Recording& recording, const std::string& shop) { shop_in_sql(begin(recording, shop)); },
                ResultsPolicy::digest);
}

TEST_F(Remap, ParametersInTextAndBinaryAndArrays) {
    expect_same([&](Recording& recording, const std::string& shop) {
        RecordedSession& s = begin(recording, shop);
        s.ask(fe::parse("new", "insert into orders (customer, total) values ($1, $2) returning id") +
              fe::describe_statement("new") + fe::sync());
        s.ask(fe::bind("", "new", {}, {"3", "8"}) + fe::execute() + fe::sync());
        const Bytes first = cell(s.rows().at(0));
        s.ask(fe::bind("", "new", {}, {"4", "9"}) + fe::describe_portal() + fe::execute() + fe::sync());
        const Bytes second = cell(s.rows().at(0));
        s.ask(fe::parse("get", "select id, total from orders where id = $1") + fe::describe_statement("get") +
              fe::sync());
        s.ask(fe::bind("", "get", {}, {first}) + fe::execute() + fe::sync());
        const auto binary = [&](const Bytes& statement, std::vector<std::int16_t> results, Bytes value) {
            pgwire::Bind bind;
            bind.statement = statement;
            bind.parameter_formats = {1};
            bind.parameters = {std::move(value)};
            bind.result_formats = std::move(results);
            s.ask(pgwire::encode_frontend(bind) + fe::execute() + fe::sync());
        };
        const auto number = [](const Bytes& text) { return static_cast<std::uint32_t>(std::stoul(text)); };
        binary("get", {1}, int8(number(second)));
        s.ask(fe::parse("small", "select total from orders where id = $1", {23}) + fe::describe_statement("small") +
              fe::sync());
        binary("small", {}, int4(number(first)));
        s.ask(fe::parse("many", "select total from orders where id = any($1) order by total") +
              fe::describe_statement("many") + fe::sync());
        s.ask(fe::bind("", "many", {}, {"{" + first + "," + second + ",7}"}) + fe::execute() + fe::sync());
        binary("many", {},
               int4(1) + int4(0) + int4(20) + int4(2) + int4(1) + int4(8) + int8(number(first)) + int4(8) +
                   int8(number(second)));
        s.ask(fe::parse("", "update orders set total = total + $1 where id = $2 returning *") +
              fe::bind("", "", {}, {"1", second}) + fe::describe_portal() + fe::execute() + fe::sync());
        s.query("prepare p (bigint) as select total from orders where id = $1").query("execute p(" + first + ")");
    });
}

TEST_F(Remap, UuidsSequencesAndCopy) {
    expect_same([&](Recording& recording, const std::string& shop) {
        RecordedSession& s = begin(recording, shop);
        s.query("insert into document (body) values ('a') returning id");
        const Bytes document = cell(s.rows().at(0));
        s.query("select body from document where id = '" + document + "'");
        s.query("select nextval('orders_id_seq')");
        const Bytes order = cell(s.rows().at(0));
        s.query("insert into orders (id, customer, total) values (" + order + ", 1, 3)");
        s.query("insert into document (orders, body) values (" + order + ", 'b') returning orders");
        s.query("select currval('orders_id_seq') as c")
            .query("select total from orders where id = " + cell(s.rows()[0]));
        s.query("insert into orders (customer, total) values (2, 4)").query("select lastval()");
        const Bytes last = cell(s.rows().at(0));
        s.send(fe::query("copy document (orders, body) from stdin"))
            .read('G')
            .ask(fe::copy_data(order + "\tc\n" + last) + fe::copy_data("\td\n7\te\n") + fe::copy_done());
        s.query("select orders, body from document where orders is not null order by body");
        s.query("select o.total, d.body from document d join orders o on o.id = d.orders where d.orders in (" + order +
                "," + last + ") order by d.body");
    });
}

TEST_F(Remap, AnotherSessionGoesOnWithTheId) {
    expect_same([&](Recording& recording, const std::string& shop) {
        RecordedSession& a = begin(recording, shop);
        a.query("insert into orders (customer, total) values (1, 3) returning id");
        const Bytes order = cell(a.rows().at(0));
        a.close();
        RecordedSession& b = begin(recording, shop);
        b.query("select total from orders where id = " + order).query("delete from orders where id = " + order);
    });
}

TEST_F(Remap, AnIdThatNoInsertReturnedIsFoundByTheNaturalKey) {
    expect_same([&](Recording& recording, const std::string& shop) {
        RecordedSession& s = begin(recording, shop);
        s.query("insert into customer (name) values ('ben')").query("select id from customer where name = 'ben'");
        const Bytes customer = cell(s.rows().at(0));
        s.query("insert into orders (customer, total) values (" + customer + ", 1) returning customer");
        s.query("select name from customer where id = " + customer);
    });
}

TEST_F(Remap, CountsByDomainAndSaysWhatItDid) {
    (void)rehearse([&](Recording& recording, const std::string& shop) {
        RecordedSession& s = begin(recording, shop);
        s.query("insert into orders (customer, total) values (1, 3) returning id");
        const Bytes order = cell(s.rows().at(0));
        s.query("select total from orders where id = " + order).query("select total from orders where id = 7");
    });
    EXPECT_EQ(counter("remap.learned.orders.id"), 1U);
    EXPECT_EQ(counter("remap.changed.orders.id"), 1U);
    EXPECT_EQ(counter("remap.unknown.orders.id"), 1U);
    EXPECT_EQ(counter("remap.unknown.customer.id"), 1U);
    EXPECT_EQ(counter("remap.changed.customer.id"), 0U);
    EXPECT_THAT(played_, HasSubstr("generated values: 1 learned"));
}

TEST_F(Remap, IdentitiesCanBeDeclared) {
    const auto talk = [&](Recording& recording, const std::string& shop) {
        RecordedSession& s = begin(recording, shop);
        s.query("insert into orders (customer, total) values (1, 3) returning id");
        s.query("insert into plain (orders) values (" + cell(s.rows().at(0)) + ")");
        s.query("select count(*) from plain p join orders o on o.id = p.orders");
    };
    const auto with_plain = [&](const std::string& more) {
        const std::string shop = new_database(std::string(kShop) + "create table plain (orders bigint);");
        const std::string copy = copy_of(shop, kShift);
        Recording recording(file("prod"));
        talk(recording, shop);
        recording.finish();
        const auto played = replay(copy, "prod", "out", "--speed max --ignore-start-state " + more);
        EXPECT_EQ(played.exit_code, 0) << played.out;
        return compare().exit_code;
    };
    EXPECT_EQ(with_plain(""), 1) << "nothing says that plain.orders are orders";
    EXPECT_EQ(with_plain("--identity plain.orders=orders.id"), 0);
    const auto refused = replay("postgres", "prod", "out2", "--identity nowhere.x");
    EXPECT_NE(refused.exit_code, 0);
    const auto misspelt = replay(copy_of(new_database(kShop)), "prod", "out3", "--identity nowhere.x");
    EXPECT_EQ(misspelt.exit_code, 2) << misspelt.out;
    EXPECT_THAT(misspelt.out, HasSubstr("--identity: the target has no column nowhere.x"));
}

}  // namespace
}  // namespace understudy::replay
