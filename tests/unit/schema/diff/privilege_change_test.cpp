#include "schema/diff/privilege_change.hpp"

#include <gtest/gtest.h>

#include "schema/diff/diff_report.hpp"
#include "schema/diff/schema_blame.hpp"
#include "schema/diff/trigger_events.hpp"
#include "tests/unit/core/catalog/snapshot/sample_snapshot.hpp"
#include "tests/unit/schema/check/events.hpp"

namespace understudy::schema {
namespace {

using catalog::ObjectIdentity;
using catalog::Property;
using catalog::PropertyList;
using catalog::SchemaObject;
using catalog::Snapshot;
using catalog::testing::object;
using Texts = std::vector<Bytes>;

const ObjectIdentity kOrders{"relation", "public", "", "orders"};
const ObjectIdentity kView{"relation", "public", "", "open_orders"};

/// app is a member of writers; shop owns everything; root is a superuser.
Snapshot shop() {
    Snapshot snapshot = catalog::testing::sample_snapshot();
    snapshot.roles = {object({"role", "", "", "app"}, {{"member of", PropertyList{"writers"}}}),
                      object({"role", "", "", "reader"}), object({"role", "", "", "shop"}),
                      object({"role", "", "", "writers"}),
                      object({"role", "", "", "root"}, {{"superuser", Bytes("yes")}})};
    snapshot.sort();
    return snapshot;
}

SchemaObject& in(Snapshot& snapshot, const ObjectIdentity& identity) {
    for (SchemaObject& one : snapshot.objects) {
        if (one.identity == identity) return one;
    }
    return snapshot.objects.emplace_back(object(identity));
}

void set(Snapshot& snapshot, const ObjectIdentity& identity, Property property) {
    auto& properties = in(snapshot, identity).properties;
    std::erase_if(properties, [&](const Property& old) { return old.name == property.name; });
    properties.push_back(std::move(property));
    snapshot.sort();
}

Snapshot with_access(PropertyList items) {
    Snapshot snapshot = shop();
    set(snapshot, kOrders, {"access", std::move(items)});
    return snapshot;
}

struct Blamed {
    Texts felt;
    std::uint64_t spared = 0;
};

Blamed blamed(const Snapshot& before, const Snapshot& after, const Bytes& user, const Texts& texts) {
    RecordedStatements recorded;
    for (const Bytes& sql : texts) {
        RecordedStatement statement;
        statement.sql = sql;
        statement.fingerprint = sql::fingerprint(sql);
        statement.user = user;
        statement.executions = 1;
        recorded.statements.push_back(std::move(statement));
    }
    const auto changes = catalog::schema_diff(before, after);
    EXPECT_EQ(changes.size(), 1U);
    const auto found = blame(changes, before, after, recorded, at(0), at(1));
    Blamed result;
    result.spared = found.changes[0].spared;
    for (const Bytes& text : texts) {
        for (const TouchingQuery& query : found.changes[0].queries) {
            if (query.fingerprint == sql::fingerprint(text)) result.felt.push_back(text);
        }
    }
    return result;
}

Texts felt(const Snapshot& before, const Snapshot& after, const Bytes& user, const Texts& texts) {
    return blamed(before, after, user, texts).felt;
}

const Texts kAll = {"select note from orders",
                    "insert into orders (id) values (1)",
                    "update orders set note = 'x'",
                    "delete from orders",
                    "truncate orders",
                    "update orders set note = 'x' where id = 1",
                    "select id from orders for update",
                    "insert into orders (id) values (1) on conflict do nothing returning note"};

TEST(PrivilegeChange, IsFeltByThoseWhoUseWhatWasRevoked) {
    const auto all = with_access({"app=arwdD/shop", "shop=arwdD/shop"});
    const auto without = [&](const char* letters) {
        return with_access({Bytes("app=") + letters + "/shop", "shop=arwdD/shop"});
    };
    EXPECT_EQ(felt(all, without("rwdD"), "app", kAll), (Texts{kAll[1], kAll[7]}));
    EXPECT_EQ(felt(all, without("ardD"), "app", kAll), (Texts{kAll[2], kAll[5], kAll[6]}));
    EXPECT_EQ(felt(all, without("arwD"), "app", kAll), Texts{kAll[3]});
    EXPECT_EQ(felt(all, without("arwd"), "app", kAll), Texts{kAll[4]});
    EXPECT_EQ(felt(all, without("awdD"), "app", kAll), (Texts{kAll[0], kAll[5], kAll[6], kAll[7]}));
    const Blamed others = blamed(all, without("rwdD"), "reader", kAll);
    EXPECT_EQ(others.felt, Texts());
    EXPECT_EQ(others.spared, kAll.size());
    EXPECT_EQ(felt(all, without("rwdD"), "root", kAll), Texts()) << "a superuser";
    EXPECT_EQ(felt(all, without("rwdD"), "", kAll), kAll) << "who it is was not recorded";
    EXPECT_EQ(felt(all, without("rwdD"), "stranger", kAll), kAll) << "of whom nothing is known";
}

TEST(PrivilegeChange, FollowsMembershipAndPublic) {
    const Texts read = {"select note from orders"};
    EXPECT_EQ(felt(with_access({"writers=r/shop", "shop=arwdD/shop"}), with_access({"shop=arwdD/shop"}), "app", read),
              read);
    EXPECT_EQ(felt(with_access({"=r/shop", "shop=arwdD/shop"}), with_access({"shop=arwdD/shop"}), "reader", read),
              read);
    EXPECT_EQ(felt(with_access({"app=r/shop", "writers=r/shop", "shop=arwdD/shop"}),
                   with_access({"app=r/shop", "shop=arwdD/shop"}), "app", read),
              Texts())
        << "app has it of its own";
    Snapshot reads_all = with_access({"app=r/shop", "shop=arwdD/shop"});
    reads_all.roles[0].properties = {{"member of", PropertyList{"pg_read_all_data"}}};
    EXPECT_EQ(felt(reads_all, with_access({"shop=arwdD/shop"}), "app", read), read) << "no longer a member";
    Snapshot after = with_access({"shop=arwdD/shop"});
    after.roles = reads_all.roles;
    EXPECT_EQ(felt(reads_all, after, "app", read), Texts());
    EXPECT_EQ(felt(shop(), with_access({"shop=rwdD/shop"}), "shop", kAll), (Texts{kAll[1], kAll[7]}))
        << "the owner's own";
}

TEST(PrivilegeChange, FollowsColumns) {
    Snapshot before = shop();
    const ObjectIdentity note{"column", "public", "orders", "note"};
    const ObjectIdentity id{"column", "public", "orders", "id"};
    set(before, note, {"access", PropertyList{"app=rw/shop"}});
    set(before, id, {"access", PropertyList{"app=r/shop"}});
    Snapshot after = before;
    set(after, note, {"access", PropertyList{"app=r/shop"}});
    const Texts texts = {"select note from orders", "update orders set note = 'x'", "select id from orders"};
    EXPECT_EQ(felt(before, after, "app", texts), Texts{texts[1]});
    EXPECT_EQ(felt(before, after, "reader", texts), Texts());
}

TEST(PrivilegeChange, ReadsThroughAViewAsItsOwner) {
    Snapshot before = with_access({"app=r/shop", "shop=arwdD/shop"});
    const Snapshot after = with_access({"shop=arwdD/shop"});
    const Texts read = {"select id from open_orders"};
    EXPECT_EQ(felt(before, after, "app", read), Texts()) << "shop reads it";
    EXPECT_EQ(felt(with_access({"app=r/shop", "shop=r/shop"}), with_access({"app=r/shop"}), "app", read), read);
    Snapshot invoker_after = after;
    for (Snapshot* side : {&before, &invoker_after})
        set(*side, kView, {"options", PropertyList{"security_invoker=true"}});
    EXPECT_EQ(felt(before, invoker_after, "app", read), read);
}

TEST(PrivilegeChange, JudgesFunctionsAndSchemas) {
    const ObjectIdentity tax{"function", "public", "", "tax(numeric)"};
    Snapshot closed = shop();
    set(closed, tax, {"access", PropertyList{"shop=X/shop", "writers=X/shop"}});
    EXPECT_EQ(felt(shop(), closed, "reader", {"select tax(1)"}), Texts{"select tax(1)"});
    EXPECT_EQ(felt(shop(), closed, "app", {"select tax(1)"}), Texts());
    const ObjectIdentity billing{"schema", "", "", "billing"};
    Snapshot open = shop();
    set(open, billing, {"access", PropertyList{"app=U/shop", "reader=U/shop", "shop=UC/shop"}});
    Snapshot shut = shop();
    set(shut, billing, {"access", PropertyList{"reader=U/shop", "shop=UC/shop"}});
    EXPECT_EQ(felt(open, shut, "app", {"select net from billing.items"}), Texts{"select net from billing.items"});
    EXPECT_EQ(felt(open, shut, "reader", {"select net from billing.items"}), Texts());
}

TEST(PrivilegeChange, JudgesPoliciesByRoleAndCommand) {
    const auto with_policy = [](const char* command, const char* role, const char* security) {
        Snapshot snapshot = shop();
        if (security != nullptr) set(snapshot, kOrders, {"row security", Bytes(security)});
        set(snapshot, {"policy", "public", "orders", "own"}, {"command", Bytes(command)});
        set(snapshot, {"policy", "public", "orders", "own"}, {"roles", PropertyList{role}});
        return snapshot;
    };
    const auto feels = [&](const char* command, const char* role, const char* user, const char* security = "yes") {
        const Snapshot after = with_policy(command, role, security);
        Snapshot before = after;
        std::erase_if(before.objects, [](const SchemaObject& one) { return one.identity.kind == "policy"; });
        return felt(before, after, user, kAll);
    };
    EXPECT_EQ(feels("insert", "public", "app"), (Texts{kAll[1], kAll[7]}));
    EXPECT_EQ(feels("delete", "writers", "app"), Texts{kAll[3]});
    EXPECT_EQ(feels("delete", "writers", "reader"), Texts());
    EXPECT_EQ(feels("select", "app", "app"), (Texts{kAll[0], kAll[5], kAll[6], kAll[7]}));
    EXPECT_EQ(feels("all", "app", "app").size(), kAll.size() - 1) << "all but TRUNCATE";
    EXPECT_EQ(feels("all", "public", "shop"), Texts()) << "the owner is not subject to it";
    EXPECT_EQ(feels("all", "public", "root"), Texts());
    EXPECT_EQ(feels("all", "public", "app", nullptr), Texts()) << "row security is off";
}

TEST(PrivilegeChange, JudgesRowSecurityByRole) {
    Snapshot after = shop();
    set(after, kOrders, {"row security", Bytes("yes")});
    EXPECT_EQ(felt(shop(), after, "app", {kAll[0]}), Texts{kAll[0]});
    EXPECT_EQ(felt(shop(), after, "shop", {kAll[0]}), Texts());
    Snapshot forced = after;
    set(forced, kOrders, {"row security forced", Bytes("yes")});
    EXPECT_EQ(felt(after, forced, "shop", {kAll[0]}), Texts{kAll[0]});
}

TEST(PrivilegeChange, JudgesTriggersByEvent) {
    const auto fired = [](const char* events) {
        Snapshot after = shop();
        set(after, {"trigger", "public", "orders", "t"},
            {"definition",
             Bytes("CREATE TRIGGER t ") + events + " ON public.orders FOR EACH ROW EXECUTE FUNCTION public.f()"});
        return felt(shop(), after, "app", {kAll[1], kAll[2], kAll[3], "update orders set state = 'open'"});
    };
    EXPECT_EQ(fired("BEFORE INSERT"), Texts{kAll[1]});
    EXPECT_EQ(fired("AFTER DELETE OR INSERT"), (Texts{kAll[1], kAll[3]}));
    EXPECT_EQ(fired("AFTER UPDATE OF note"), Texts{kAll[2]});
    EXPECT_EQ(fired("AFTER UPDATE"), (Texts{kAll[2], "update orders set state = 'open'"}));
}

TEST(TriggerEvents, AreReadFromTheDefinition) {
    const auto events = trigger_events(
        "CREATE CONSTRAINT TRIGGER \"before\" AFTER INSERT OR UPDATE OF a, \"On\" OR DELETE ON public.t FOR EACH ROW");
    ASSERT_TRUE(events);
    EXPECT_EQ(*events, (TriggerEvents{true, true, true, false, {"a", "On"}}));
    EXPECT_TRUE(trigger_events("CREATE TRIGGER t INSTEAD OF UPDATE ON v")->update);
    EXPECT_TRUE(trigger_events("CREATE TRIGGER t BEFORE TRUNCATE ON v")->truncate);
    EXPECT_FALSE(trigger_events("CREATE TRIGGER t BEFORE"));
    EXPECT_FALSE(trigger_events("nothing"));
    EXPECT_FALSE(trigger_events("AFTER ON t"));
}

}  // namespace
}  // namespace understudy::schema
