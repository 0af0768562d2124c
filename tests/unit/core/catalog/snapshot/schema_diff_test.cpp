#include "core/catalog/snapshot/schema_diff.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/catalog/snapshot/change_rules.hpp"
#include "tests/unit/core/catalog/snapshot/sample_snapshot.hpp"

namespace understudy::catalog {
namespace {

using enum ChangeClass;

SchemaObject& in(Snapshot& snapshot, const ObjectIdentity& identity) {
    return const_cast<SchemaObject&>(*snapshot.find(identity));
}

void erase(Snapshot& snapshot, const ObjectIdentity& identity) {
    std::erase_if(snapshot.objects, [&](const SchemaObject& object) { return object.identity == identity; });
}

std::vector<Bytes> words(const std::vector<ObjectChange>& changes) {
    std::vector<Bytes> lines;
    for (const ObjectChange& change : changes) lines.push_back(in_words(change));
    return lines;
}

TEST(SchemaDiff, OfTheSameIsEmpty) {
    EXPECT_TRUE(schema_diff(testing::sample_snapshot(), testing::sample_snapshot()).empty());
}

TEST(SchemaDiff, SaysAGoneRelationOnceAndItsColumnsNot) {
    const Snapshot before = testing::sample_snapshot();
    Snapshot after = before;
    std::erase_if(after.objects, [](const SchemaObject& object) {
        return object.identity.name == "orders" || object.identity.relation == "orders";
    });
    EXPECT_EQ(words(schema_diff(before, after)), std::vector<Bytes>{"relation orders is gone"});
    EXPECT_EQ(words(schema_diff(after, before)), std::vector<Bytes>{"relation orders is new: table"});
}

TEST(SchemaDiff, GuessesARenamedColumnByItsPlace) {
    const Snapshot before = testing::sample_snapshot();
    Snapshot after = before;
    in(after, {"column", "public", "orders", "note"}).identity.name = "remark";
    in(after, {"relation", "public", "", "orders"}).properties[0].value = PropertyList{"id", "state", "remark"};
    after.sort();
    const auto changes = schema_diff(before, after);
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(in_words(changes[0]), "column note of orders is gone (renamed to remark?)");
    EXPECT_EQ(in_words(changes[1]), "column remark of orders is new (renamed from note?): text");
    // Elsewhere in the row it is another column.
    in(after, {"relation", "public", "", "orders"}).properties[0].value = PropertyList{"remark", "id", "state"};
    EXPECT_EQ(in_words(schema_diff(before, after)[0]), "column note of orders is gone");
}

TEST(SchemaDiff, GuessesARenamedRelationByItsColumns) {
    const Snapshot before = testing::sample_snapshot();
    Snapshot after = before;
    for (SchemaObject& object : after.objects) {
        if (object.identity.name == "items") object.identity.name = "lines";
        if (object.identity.relation == "items") object.identity.relation = "lines";
    }
    after.sort();
    EXPECT_EQ(words(schema_diff(before, after)),
              (std::vector<Bytes>{"relation billing.items is gone (renamed to lines?)",
                                  "relation billing.lines is new (renamed from items?): table"}));
}

TEST(SchemaDiff, TellsAnOrderFromAnAddedColumn) {
    const Snapshot before = testing::sample_snapshot();
    Snapshot after = before;
    after.objects.push_back(testing::object({"column", "public", "orders", "extra"}, {{"type", Bytes("text")}}));
    after.sort();
    in(after, {"relation", "public", "", "orders"}).properties[0].value = PropertyList{"id", "extra", "state", "note"};
    EXPECT_EQ(words(schema_diff(before, after)), std::vector<Bytes>{"column extra of orders is new: text"});
    in(after, {"relation", "public", "", "orders"}).properties[0].value = PropertyList{"id", "extra", "note", "state"};
    const auto changes = schema_diff(before, after);
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].property, "column order");
    EXPECT_EQ(changes[0].worst(), behaviour);
}

TEST(SchemaDiff, SaysAConstraintAndNotItsIndex) {
    const Snapshot before = testing::sample_snapshot();
    Snapshot after = before;
    erase(after, {"constraint", "public", "orders", "orders_pkey"});
    erase(after, {"index", "public", "orders", "orders_pkey"});
    EXPECT_EQ(words(schema_diff(before, after)), std::vector<Bytes>{"constraint orders_pkey of orders is gone"});
}

struct TypeCase {
    const char* before;
    const char* after;
    ChangeClass worst;
};

TEST(TypeChange, IsClassedByWhatPostgresqlDoes) {
    for (const TypeCase& one : {TypeCase{"character varying(20)", "character varying(40)", compatible},
                                {"character varying(40)", "character varying(20)", breaks_writers},
                                {"character varying(40)", "text", compatible},
                                {"text", "character varying(9)", breaks_writers},
                                {"character varying", "character varying(9)", breaks_writers},
                                {"character(3)", "text", behaviour},
                                {"integer", "bigint", behaviour},
                                {"bigint", "integer", breaks_writers},
                                {"integer", "numeric", behaviour},
                                {"integer", "text", breaks_readers},
                                {"numeric(10,2)", "numeric(8,2)", breaks_writers},
                                {"numeric(10,2)", "numeric(11,3)", behaviour},
                                {"numeric(10,2)", "numeric", behaviour},
                                {"timestamp without time zone", "timestamp with time zone", behaviour},
                                {"timestamp(3) with time zone", "timestamp(0) with time zone", behaviour},
                                {"json", "jsonb", breaks_readers},
                                {"public.a", "public.b", breaks_readers}}) {
        auto effects = effects_of_type(one.before, one.after);
        ASSERT_FALSE(effects.empty());
        const auto worst = std::min_element(effects.begin(), effects.end(),
                                            [](const Effect& a, const Effect& b) { return a.what < b.what; });
        EXPECT_EQ(worst->what, one.worst) << one.before << " → " << one.after;
    }
}

struct AccessCase {
    PropertyList before;
    PropertyList after;
    ChangeClass worst;
};

TEST(ConstraintChange, IsHarmlessWhenItIsValidated) {
    const auto with = [](std::vector<Property> properties) {
        Snapshot snapshot = testing::sample_snapshot();
        properties.push_back({"type", Bytes("check")});
        snapshot.objects.push_back(testing::object({"constraint", "public", "orders", "c"}, std::move(properties)));
        snapshot.sort();
        return snapshot;
    };
    const Snapshot waits = with({{"definition", Bytes("CHECK (id > 0) NOT VALID")}, {"validated", Bytes("no")}});
    const Snapshot done = with({{"definition", Bytes("CHECK (id > 0)")}});
    const Snapshot free = with(
        {{"definition", Bytes("CHECK (id > 0) NOT ENFORCED")}, {"validated", Bytes("no")}, {"enforced", Bytes("no")}});
    const auto worst = [](const Snapshot& before, const Snapshot& after) {
        return schema_diff(before, after).front().worst();
    };
    EXPECT_EQ(schema_diff(waits, done).size(), 1U);
    EXPECT_EQ(worst(waits, done), compatible);
    EXPECT_EQ(worst(done, free), behaviour);
    EXPECT_EQ(worst(free, done), breaks_writers);
    EXPECT_EQ(worst(testing::sample_snapshot(), free), compatible);
    EXPECT_EQ(worst(free, with({{"definition", Bytes("CHECK (id > 1) NOT ENFORCED")},
                                {"validated", Bytes("no")},
                                {"enforced", Bytes("no")}})),
              compatible);
}

TEST(AccessChange, HurtsOnlyThoseWhoLose) {
    for (const auto& [before, after, worst] :
         {AccessCase{{"shop=arwdD/shop", "app=r/shop"}, {"shop=arwdD/shop", "app=rw/shop"}, compatible},
          {{"shop=arwdD/shop", "app=rw/shop"}, {"shop=arwdD/shop", "app=r/shop"}, privilege},
          {{"shop=arwdD/shop", "app=r/shop"}, {"shop=arwdD/shop", "=r/shop"}, compatible},
          {{"shop=arwdD/shop", "app=r*/shop"}, {"shop=arwdD/shop", "app=r/shop"}, compatible},
          {{"shop=arwdD/shop", "\"a=b\"=r/shop"}, {"shop=arwdD/shop"}, privilege},
          {{"shop=arwdD/shop", "\"a\"\"=w/b\"=r/shop"}, {"shop=arwdD/shop"}, privilege}}) {
        Snapshot old = testing::sample_snapshot();
        Snapshot now = old;
        in(old, {"relation", "public", "", "orders"}).properties.push_back({"access", before});
        in(now, {"relation", "public", "", "orders"}).properties.push_back({"access", after});
        const auto changes = schema_diff(old, now);
        ASSERT_EQ(changes.size(), 1U);
        EXPECT_EQ(changes[0].worst(), worst) << in_words(changes[0]);
    }
}

TEST(AccessChange, KnowsWhatAbsentMeans) {
    const Snapshot plain = testing::sample_snapshot();
    Snapshot granted = plain;
    in(granted, {"relation", "public", "", "orders"})
        .properties.push_back({"access", PropertyList{"shop=arwdD/shop", "app=r/shop"}});
    EXPECT_EQ(schema_diff(plain, granted)[0].worst(), compatible);
    EXPECT_EQ(schema_diff(granted, plain)[0].worst(), privilege);
    Snapshot less = plain;
    in(less, {"relation", "public", "", "orders"}).properties.push_back({"access", PropertyList{"shop=rwdD/shop"}});
    EXPECT_EQ(schema_diff(plain, less)[0].worst(), privilege) << "the owner may no longer insert";
    Snapshot closed = plain;
    in(closed, {"function", "public", "", "tax(numeric)"})
        .properties.push_back({"access", PropertyList{"shop=X/shop"}});
    EXPECT_EQ(schema_diff(plain, closed)[0].worst(), privilege) << "everybody may execute by default";
    EXPECT_EQ(schema_diff(closed, plain)[0].worst(), compatible);
}

}  // namespace
}  // namespace understudy::catalog
