#include "schema/diff/schema_blame.hpp"

#include <gtest/gtest.h>

#include "schema/diff/diff_report.hpp"
#include "tests/unit/core/catalog/snapshot/sample_snapshot.hpp"
#include "tests/unit/schema/check/events.hpp"

namespace understudy::schema {
namespace {

using catalog::Property;
using catalog::PropertyList;
using catalog::Snapshot;

Snapshot shop() { return catalog::testing::sample_snapshot(); }

RecordedStatements recorded(const std::vector<Bytes>& texts) {
    RecordedStatements result;
    for (const Bytes& sql : texts) {
        RecordedStatement statement;
        statement.sql = sql;
        statement.fingerprint = sql::fingerprint(sql);
        statement.user = "app";
        statement.executions = 10;
        statement.last = at(1000);
        result.executions += statement.executions;
        result.statements.push_back(std::move(statement));
    }
    return result;
}

/// The texts of those that feel the only change.
std::vector<Bytes> who_feels(const Snapshot& after, const std::vector<Bytes>& texts, bool* breaks = nullptr) {
    const Snapshot before = shop();
    const auto changes = catalog::schema_diff(before, after);
    EXPECT_EQ(changes.size(), 1U);
    const SchemaBlame found = blame(changes, before, after, recorded(texts), at(0), at(3'600'000));
    std::vector<Bytes> who;
    for (const Bytes& text : texts) {
        for (const TouchingQuery& query : found.changes[0].queries) {
            if (query.fingerprint == sql::fingerprint(text)) who.push_back(text);
        }
    }
    if (breaks != nullptr) *breaks = found.changes[0].breaks();
    return who;
}

using Texts = std::vector<Bytes>;

Snapshot without_column(const Bytes& relation, const Bytes& schema, const Bytes& column) {
    Snapshot after = shop();
    std::erase_if(after.objects, [&](const catalog::SchemaObject& object) {
        return object.identity == catalog::ObjectIdentity{"column", schema, relation, column};
    });
    return after;
}

TEST(SchemaBlame, FindsWhoNamesAColumn) {
    const Texts naming = {"select note from orders",
                          "select * from orders",
                          "select o.* from orders o",
                          "select o from orders o",
                          "select id from orders where note = 'x'",
                          "select id from orders order by note",
                          "select 1 from orders a join orders b using (note)",
                          "select 1 from orders natural join orders b",
                          "update orders set note = 'x' where id = 1",
                          "insert into orders (id, note) values (1, 'x')",
                          "insert into orders values (1, 'open', 'x')",
                          "copy orders (note) from stdin",
                          "with w as (select note from public.orders) select 1 from w"};
    bool breaks = false;
    EXPECT_EQ(who_feels(without_column("orders", "public", "note"), naming, &breaks), naming);
    EXPECT_TRUE(breaks);
    const Texts others = {"select id from orders",
                          "select count(*) from orders",
                          "insert into orders (id) values (1)",
                          "select i.* from orders o join billing.items i on i.order_id = o.id",
                          "delete from orders where id = 3",
                          "select id from open_orders",
                          "select 1"};
    EXPECT_EQ(who_feels(without_column("orders", "public", "note"), others, &breaks), Texts{});
    EXPECT_FALSE(breaks);
}

TEST(SchemaBlame, FindsNamesThroughTheSearchPath) {
    const Snapshot after = without_column("items", "billing", "net");
    EXPECT_EQ(who_feels(after, {"select net from billing.items"}), Texts{"select net from billing.items"});
    EXPECT_EQ(who_feels(after, {"select net from items"}), Texts{}) << "billing is not on the path";
    const auto changes = catalog::schema_diff(shop(), after);
    RecordedStatements with_path = recorded({"select net from items"});
    with_path.statements[0].search_path = "billing, public";
    EXPECT_EQ(blame(changes, shop(), after, with_path, at(0), at(1)).changes[0].queries.size(), 1U);
    Snapshot before = shop();
    before.objects.push_back(
        catalog::testing::object({"setting", "", "app", "search_path"}, {{"value", Bytes("billing, public")}}));
    before.sort();
    EXPECT_EQ(
        blame(changes, before, after, recorded({"select net from items"}), at(0), at(1)).changes[0].queries.size(), 1U)
        << "the role's own setting";
}

TEST(SchemaBlame, LooksBehindViewsAndTypes) {
    EXPECT_EQ(
        who_feels(without_column("orders", "public", "state"), {"select id from open_orders", "select id from orders"}),
        Texts{"select id from open_orders"});
    Snapshot after = shop();
    for (auto& object : after.objects) {
        if (object.identity.kind == "enum") object.properties[0].value = PropertyList{"open"};
    }
    after.sort();
    EXPECT_EQ(who_feels(after, {"select id from orders where state = 'open'", "select id from orders"}),
              Texts{"select id from orders where state = 'open'"});
}

TEST(SchemaBlame, TellsWritersFromReaders) {
    Snapshot after = shop();
    after.objects.push_back(
        catalog::testing::object({"constraint", "public", "orders", "short"},
                                 {{"definition", Bytes("CHECK (length(note) < 9)")}, {"type", Bytes("check")}}));
    after.sort();
    EXPECT_EQ(who_feels(after, {"select note from orders", "update orders set state = 'open'",
                                "insert into orders (id) values (1)"}),
              (Texts{"update orders set state = 'open'", "insert into orders (id) values (1)"}));
    Snapshot added = shop();
    added.objects.push_back(catalog::testing::object({"column", "public", "orders", "must"},
                                                     {{"not null", Bytes("yes")}, {"type", Bytes("integer")}}));
    added.sort();
    EXPECT_EQ(who_feels(added, {"select * from orders", "update orders set state = 'open'",
                                "insert into orders (id) values (1)"}),
              Texts{"insert into orders (id) values (1)"});
}

TEST(SchemaBlame, FindsCallers) {
    Snapshot after = shop();
    std::erase_if(after.objects, [](const auto& object) { return object.identity.kind == "function"; });
    EXPECT_EQ(who_feels(after, {"select tax(1)", "select public.tax(net) from billing.items", "select 1"}),
              (Texts{"select tax(1)", "select public.tax(net) from billing.items"}));
}

TEST(SchemaBlame, CountsWhatItCannotRead) {
    const auto changes = catalog::schema_diff(shop(), without_column("orders", "public", "note"));
    const SchemaBlame found = blame(changes, shop(), without_column("orders", "public", "note"),
                                    recorded({"selekt note from orders"}), at(0), at(1));
    EXPECT_EQ(found.unparsed, 1U);
    EXPECT_TRUE(found.changes[0].queries.empty());
}

TEST(DiffReport, NamesTheQueryAndWhenItRan) {
    DiffReport report;
    report.changes = catalog::schema_diff(shop(), without_column("orders", "public", "note"));
    report.blame =
        blame(report.changes, shop(), shop(), recorded({"select note from orders where id = 7"}), at(0), at(241'000));
    const std::string text = to_text(report);
    EXPECT_NE(text.find("column note of orders is gone"), std::string::npos) << text;
    EXPECT_NE(text.find("read 4 minutes before the capture's end by app: 10 calls, 149 an hour"), std::string::npos)
        << text;
    EXPECT_NE(text.find("select note from orders where id = $1"), std::string::npos) << text;
    EXPECT_EQ(to_json(report).find("= 7"), std::string::npos);
    EXPECT_NE(to_json(report).find("\"breaks_recorded\": true"), std::string::npos);
    EXPECT_EQ(to_text(DiffReport{}).substr(0, 4), "SAME");
}

}  // namespace
}  // namespace understudy::schema
