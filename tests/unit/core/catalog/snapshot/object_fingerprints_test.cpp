#include "core/catalog/snapshot/object_fingerprints.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "core/catalog/snapshot/names_in_text.hpp"
#include "core/catalog/snapshot/reference_graph.hpp"
#include "tests/unit/core/catalog/snapshot/sample_snapshot.hpp"

namespace understudy::catalog {
namespace {

using testing::object;

const ObjectIdentity kOrders{"relation", "public", "", "orders"};
const ObjectIdentity kOpenOrders{"relation", "public", "", "open_orders"};
const ObjectIdentity kItems{"relation", "billing", "", "items"};
const ObjectIdentity kTax{"function", "public", "", "tax(numeric)"};

Snapshot with(std::vector<SchemaObject> more) {
    Snapshot snapshot = testing::sample_snapshot();
    for (SchemaObject& one : more) {
        std::erase_if(snapshot.objects, [&](const SchemaObject& old) { return old.identity == one.identity; });
        snapshot.objects.push_back(std::move(one));
    }
    snapshot.sort();
    return snapshot;
}

Property text(const char* name, const char* value) { return {name, Bytes(value)}; }

/// The objects whose fingerprint is another, and "environment".
std::set<Bytes> moved(const Snapshot& before, const Snapshot& after) {
    const ObjectFingerprints a = object_fingerprints(before);
    const ObjectFingerprints b = object_fingerprints(after);
    std::set<Bytes> names;
    if (a.environment != b.environment) names.insert("environment");
    for (const auto& [identity, value] : b.objects) {
        const auto at = a.objects.find(identity);
        if (at == a.objects.end() || at->second != value) names.insert(identity.name);
    }
    for (const auto& [identity, value] : a.objects) {
        if (!b.objects.contains(identity)) names.insert(identity.name);
    }
    return names;
}

std::set<Bytes> moved_by(std::vector<SchemaObject> more) {
    return moved(testing::sample_snapshot(), with(std::move(more)));
}

using Names = std::set<Bytes>;

TEST(ObjectFingerprints, AreEqualOfEqualSchemas) {
    EXPECT_EQ(moved_by({}), Names());
    const auto all = object_fingerprints(testing::sample_snapshot());
    EXPECT_EQ(all.objects.size(), 5U);
    EXPECT_EQ(all.objects.at(kOrders).size(), 64U);
    EXPECT_NE(all.objects.at(kOrders), all.objects.at(kOpenOrders));
}

TEST(ObjectFingerprints, ChangeWithWhatBelongsToARelation) {
    EXPECT_EQ(moved_by({object({"column", "billing", "items", "net"}, {text("type", "numeric(12,2)")})}),
              Names({"items"}));
    EXPECT_EQ(moved_by({object({"index", "billing", "items", "items_net"}, {text("method", "btree")})}),
              Names({"items"}));
    EXPECT_EQ(moved_by({object({"policy", "billing", "items", "mine"}, {text("command", "all")})}), Names({"items"}));
}

TEST(ObjectFingerprints, FollowViewsAndTypes) {
    EXPECT_EQ(moved_by({object({"column", "public", "orders", "note"}, {text("type", "citext")})}),
              Names({"orders", "open_orders"}));
    EXPECT_EQ(moved_by({object({"enum", "public", "", "state"}, {{"labels", PropertyList{"open", "shut"}}})}),
              Names({"state", "orders", "open_orders"}));
}

TEST(ObjectFingerprints, LeaveOutComments) {
    EXPECT_EQ(moved_by({object({"column", "public", "orders", "note"},
                               {text("comment", "of the clerk"), text("type", "text")})}),
              Names());
    EXPECT_EQ(moved_by({object({"default privileges", "", "shop", "tables"}, {{"access", PropertyList{"a=r/shop"}}})}),
              Names());
}

TEST(ObjectFingerprints, HaveOneForWhatNoStatementNames) {
    EXPECT_EQ(moved_by({object({"cast", "", "", "text as integer"}, {text("context", "implicit")})}),
              Names({"environment"}));
    Snapshot newer = testing::sample_snapshot();
    newer.server_version = 150007;
    EXPECT_EQ(moved(testing::sample_snapshot(), newer), Names({"environment"}));
    Snapshot partly = testing::sample_snapshot();
    partly.unread.push_back({"policies", "denied"});
    EXPECT_EQ(moved(testing::sample_snapshot(), partly), Names({"environment"}));
}

TEST(ObjectFingerprints, FollowAnOperatorToItsFunction) {
    const auto plus = object({"operator", "public", "", "+ (text, text)"}, {text("function", "public.tax(numeric)")});
    const auto tax = object(kTax, {text("body", "select 2")});
    EXPECT_EQ(moved(with({plus}), with({plus, tax})), Names({"environment", "tax(numeric)"}));
}

TEST(ObjectFingerprints, AreNotThoseOfWhatIsPublishedOrHasStatistics) {
    const auto published = object({"publication", "", "", "p"}, {{"tables", PropertyList{"billing.items"}}});
    const auto counted = object({"statistics", "public", "", "s"},
                                {text("definition", "CREATE STATISTICS public.s ON order_id, net FROM billing.items")});
    const auto net = object({"column", "billing", "items", "net"}, {text("type", "money")});
    EXPECT_EQ(moved(with({published, counted}), with({published, counted, net})), Names({"items"}));
    EXPECT_EQ(moved_by({counted}), Names({"items", "s"}));
}

TEST(ObjectFingerprints, FollowTheBodiesOfFunctions) {
    const auto reader = object(kTax, {text("body", "select sum(net) from Items")});
    const auto net = object({"column", "billing", "items", "net"}, {text("type", "money")});
    EXPECT_EQ(moved(with({reader}), with({reader, net})), Names({"items", "tax(numeric)"}));
    const auto trigger = object(
        {"trigger", "billing", "items", "t"},
        {text("definition", "CREATE TRIGGER t … EXECUTE FUNCTION public.tax()"), text("function", "public.tax")});
    const auto other = object(kTax, {text("body", "select 3")});
    EXPECT_EQ(moved(with({trigger}), with({trigger, other})), Names({"items", "tax(numeric)"}));
}

TEST(ObjectFingerprints, FollowForeignKeysOnlyWhereTheyCascade) {
    const auto key = [](const char* action) {
        const Bytes definition = Bytes("FOREIGN KEY (order_id) REFERENCES public.orders(id)") + action;
        return object({"constraint", "billing", "items", "fk"},
                      {{"definition", definition}, text("references", "public.orders"), text("type", "foreign key")});
    };
    EXPECT_EQ(moved_by({key("")}), Names({"items", "orders", "open_orders"}));
    const auto index = object({"index", "billing", "items", "i"}, {text("method", "btree")});
    EXPECT_EQ(moved(with({key("")}), with({key(""), index})), Names({"items"}));
    EXPECT_EQ(moved(with({key(" ON DELETE CASCADE")}), with({key(" ON DELETE CASCADE"), index})),
              Names({"items", "orders", "open_orders"}));
}

TEST(ObjectFingerprints, FollowParentsAndSequencesBothWays) {
    const auto part = object(kItems, {{"columns", PropertyList{"order_id", "net"}},
                                      text("kind", "table"),
                                      {"parents", PropertyList{"public.orders"}}});
    const auto bound = object({"column", "billing", "items", "net"}, {text("type", "money")});
    EXPECT_EQ(moved(with({part}), with({part, bound})), Names({"items", "orders", "open_orders"}));
    const auto note = object({"column", "public", "orders", "note"}, {text("type", "money")});
    EXPECT_EQ(moved(with({part}), with({part, note})), Names({"items", "orders", "open_orders"}));
    const auto sequence = [](const char* maximum) {
        return object({"sequence", "billing", "", "s"},
                      {text("maximum", maximum), text("owned by", "billing.items.net")});
    };
    EXPECT_EQ(moved(with({sequence("9")}), with({sequence("8")})), Names({"s", "items"}));
    const auto named = object({"column", "public", "orders", "id"},
                              {text("default", "nextval('billing.s'::regclass)"), text("type", "integer")});
    EXPECT_EQ(moved(with({sequence("9"), named}), with({sequence("8"), named})),
              Names({"s", "items", "orders", "open_orders"}));
}

bool moves(const char* sql, std::vector<SchemaObject> before, std::vector<SchemaObject> after) {
    return object_fingerprints(with(std::move(before))).of_statement(sql) !=
           object_fingerprints(with(std::move(after))).of_statement(sql);
}

TEST(ObjectFingerprints, OfAStatementFollowItsNames) {
    const auto net = object({"column", "billing", "items", "net"}, {text("type", "money")});
    EXPECT_TRUE(moves("select * from ITEMS", {}, {net}));
    EXPECT_TRUE(moves("select * from billing.\"items\" where net = $1", {}, {net}));
    EXPECT_TRUE(moves("select 'items'::regclass", {}, {net}));
    EXPECT_TRUE(moves("do $$ begin perform 1 from items; end $$", {}, {net}));
    EXPECT_TRUE(moves("select U&\"\\0069tems\".net from x", {}, {net}));
    EXPECT_FALSE(moves("select id from open_orders -- no items", {}, {net}));
    EXPECT_FALSE(moves("select \"Items\" from orders", {}, {net}));
}

TEST(ObjectFingerprints, OfAStatementChangeWhenAnotherTakesTheName) {
    const auto shadow = object({"relation", "app", "", "orders"}, {text("kind", "table")});
    EXPECT_TRUE(moves("select id from orders", {}, {shadow}));
    EXPECT_FALSE(moves("select net from items", {}, {shadow}));
    const auto overload = object({"function", "app", "", "tax(text)"}, {text("body", "select 1")});
    EXPECT_TRUE(moves("select tax($1)", {}, {overload}));
    const auto fresh = object({"relation", "app", "", "fresh"}, {text("kind", "table")});
    EXPECT_TRUE(moves("select 1 from fresh", {}, {fresh}));
    EXPECT_TRUE(moves("select '{open}'::_state", {},
                      {object({"enum", "public", "", "state"}, {{"labels", PropertyList{"open"}}})}));
}

TEST(NamesInText, AreFoldedAndCutAsTheServerDoes) {
    const auto names = names_in_text("select A.b, \"A\"\"x\" from s /* no */ . t where c = 'x.y' and $1");
    EXPECT_EQ(names.words,
              (std::set<Bytes>{"select", "a", "b", "A\"x", "from", "s", "t", "where", "c", "x", "y", "and"}));
    EXPECT_EQ(names.qualified, (std::set<std::pair<Bytes, Bytes>>{{"a", "b"}, {"s", "t"}, {"x", "y"}}));
    EXPECT_FALSE(names.incomplete);
    const Bytes longest(63, 'l');
    EXPECT_TRUE(names_in_text(longest + "rest").words.contains(longest));
    EXPECT_TRUE(names_in_text(Bytes(62, 'l') + "\xC3\xA4").words.contains(Bytes(62, 'l')));
    EXPECT_TRUE(names_in_text("U&\"a\"").incomplete);
    EXPECT_TRUE(names_in_text("'nextval(''\"s\".\"q\"'')'").qualified.contains({"s", "q"}));
}

TEST(ReferenceGraph, ReachesThroughChainsAndCircles) {
    // 0 → 1 → 2 → 1, 3 → 3
    const ReferenceGraph uses{{1}, {2}, {1}, {3}};
    const auto before = closed_fingerprints({"a", "b", "c", "d"}, uses);
    const auto after = closed_fingerprints({"a", "b", "x", "d"}, uses);
    EXPECT_NE(before[0], after[0]);
    EXPECT_NE(before[1], after[1]);
    EXPECT_NE(before[2], after[2]);
    EXPECT_EQ(before[3], after[3]);
    const auto first = closed_fingerprints({"x", "b", "c", "d"}, uses);
    EXPECT_NE(before[0], first[0]);
    EXPECT_EQ(before[1], first[1]);
}

TEST(ReferenceGraph, TakesLongChainsWithoutALongStack) {
    constexpr std::uint32_t kNodes = 300'000;
    std::vector<std::string> own;
    ReferenceGraph uses(kNodes);
    for (std::uint32_t i = 0; i < kNodes; ++i) {
        own.push_back(std::to_string(i));
        if (i + 1 < kNodes) uses[i].push_back(i + 1);
    }
    const auto before = closed_fingerprints(own, uses);
    own.back() = "x";
    EXPECT_NE(before.front(), closed_fingerprints(own, uses).front());
}

}  // namespace
}  // namespace understudy::catalog
