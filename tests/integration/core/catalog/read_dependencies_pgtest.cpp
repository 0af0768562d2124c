#include "core/catalog/read_dependencies.hpp"

#include <gtest/gtest.h>

#include "core/catalog/catalog_codec.hpp"
#include "core/catalog/read_catalog.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::catalog {
namespace {

using testing::ThrowawayCluster;

constexpr const char* kSchema = R"(
create schema app;
create table base (id int primary key, name text);
create table app.child (extra int) inherits (base);
create table event (id bigint, at timestamptz, kind text) partition by range (at, lower(kind));
create table event_2024 partition of event for values from ('2024-01-01', 'a') to ('2025-01-01', 'a');
create table item (id int primary key, base int references base on update cascade deferrable initially deferred,
                   other int references base deferrable);
create table log (id int, what text);
create view items as select i.id, b.name as label, upper(b.name) as loud, i.base from item i join base b on b.id = i.base;
create view nested as select id as item, label from items;
create materialized view app.counted as select name, count(*) as n from base group by name;
create view fixed as select 1 as one;
create view either as select id, name from base union all select id, name from app.child;
create rule keep as on delete to item do instead insert into log values (old.id, 'x');
create function app.touch() returns trigger language plpgsql as $$
begin
  insert into log select new.id, name from base where id = new.id;
  perform app.helper(new.id);
  return new;
end $$;
create function app.helper(x int) returns void language sql as 'update item set other = null where id = x';
create function app.pathed() returns bigint language sql set search_path = app, public as
  'select n from counted, item for update of item';
create function app.dynamic(t text) returns void language plpgsql as $$ begin execute 'delete from ' || t; end $$;
create function app.uses_dynamic() returns void language sql as 'select app.dynamic(''x'')';
create function app.atomic() returns int language sql begin atomic select id from base; end;
create procedure app.ends() language plpgsql as $$ begin update log set what = 'y'; commit; end $$;
create trigger touched after insert or update on item for each row execute function app.touch();
create constraint trigger late after delete on base deferrable initially deferred for each row execute function app.touch();
alter table item disable trigger touched;
)";

class ReadDependencies : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        const std::string database = cluster().create_database("dependencies");
        cluster().psql(kSchema, database);
        const auto read = read_catalog(cluster().conninfo(database));
        ASSERT_TRUE(read) << read.error().message;
        shop = *read;
    }
    static ThrowawayCluster& cluster() { return ThrowawayCluster::shared(); }
    static std::uint32_t oid(const Bytes& name) {
        const Relation* relation = shop.relation_named({}, name, {"public", "app"});
        return relation != nullptr ? relation->oid : 0;
    }
    static Bytes name(std::uint32_t oid) {
        const Relation* relation = shop.relation(oid);
        return relation != nullptr ? relation->name : "?";
    }
    /// "log! base", or "unknown".
    static Bytes touches_of(const Bytes& function) {
        for (const Function& one : shop.functions) {
            if (one.name != function) continue;
            if (!one.touches_known) return "unknown";
            Bytes text;
            for (const Touch& touch : one.touches) {
                text += (text.empty() ? "" : " ") + (touch.schema.empty() ? "" : touch.schema + ".") + touch.name;
                text += touch.written ? "!" : "";
            }
            return text;
        }
        return "none";
    }

    static inline Catalog shop;
};

TEST_F(ReadDependencies, Inheritance) {
    EXPECT_TRUE(shop.dependencies_read);
    std::vector<Bytes> found;
    for (const Inheritance& one : shop.inheritance) {
        found.push_back(name(one.child) + " of " + name(one.parent) + (one.partition ? " partition" : ""));
    }
    EXPECT_EQ(found, (std::vector<Bytes>{"child of base", "event_2024 of event partition"}));
    EXPECT_EQ(shop.partition_keys, (std::vector<PartitionKey>{{oid("event"), 'r', {2, 0}}}));
}

TEST_F(ReadDependencies, ForeignKeysThatWaitForCommit) {
    ASSERT_EQ(shop.foreign_keys.size(), 2U);
    EXPECT_EQ(shop.foreign_keys[0],
              (ForeignKey{oid("item"), "item_base_fkey", {2}, oid("base"), {1}, 'a', 'c', true, true}));
    EXPECT_EQ(shop.foreign_keys[1],
              (ForeignKey{oid("item"), "item_other_fkey", {3}, oid("base"), {1}, 'a', 'a', true, false}));
}

TEST_F(ReadDependencies, ViewsAndRules) {
    std::vector<Bytes> found;
    for (const RuleDependency& one : shop.rule_dependencies) {
        found.push_back(name(one.relation) + " " + name(one.depends_on));
    }
    EXPECT_EQ(found, (std::vector<Bytes>{"item log", "items base", "items item", "nested items", "counted base",
                                         "either base", "either child"}));
    EXPECT_EQ(shop.rules, (std::vector<Rule>{{oid("item"), "keep", '4', true, 'O'}}));
}

TEST_F(ReadDependencies, PlainColumnsOfViews) {
    std::vector<Bytes> found;
    for (const ViewColumn& one : shop.view_columns) {
        found.push_back(name(one.view) + "." + shop.attribute(one.view, one.number)->name + " " + name(one.base) + "." +
                        shop.attribute(one.base, one.base_number)->name);
    }
    EXPECT_EQ(found,
              (std::vector<Bytes>{"items.id item.id", "items.label base.name", "items.base item.base",
                                  "nested.item items.id", "nested.label items.label", "counted.name base.name"}));
}

TEST_F(ReadDependencies, Triggers) {
    ASSERT_EQ(shop.triggers.size(), 2U);
    const Trigger& late = shop.triggers[0];
    EXPECT_EQ(late.relation, oid("base"));
    EXPECT_EQ(late.name, "late");
    EXPECT_EQ(late.enabled, 'O');
    EXPECT_TRUE(late.deferrable && late.on_delete() && late.for_each_row());
    const Trigger& touched = shop.triggers[1];
    EXPECT_EQ(touched.relation, oid("item"));
    EXPECT_EQ(touched.enabled, 'D');
    EXPECT_TRUE(touched.on_insert() && touched.on_update());
    EXPECT_FALSE(touched.on_delete() || touched.before() || touched.deferrable);
    for (const Function& function : shop.functions) {
        if (function.name != "touch") continue;
        EXPECT_EQ(touched.function, function.oid);
    }
}

TEST_F(ReadDependencies, WhatFunctionsTouch) {
    EXPECT_EQ(touches_of("touch"), "base item! log!");
    EXPECT_EQ(touches_of("helper"), "item!");
    EXPECT_EQ(touches_of("pathed"), "app.counted public.item!");
    EXPECT_EQ(touches_of("dynamic"), "unknown");
    EXPECT_EQ(touches_of("uses_dynamic"), "unknown");
    EXPECT_EQ(touches_of("atomic"), "public.base");
    EXPECT_EQ(touches_of("ends"), "unknown");
}

TEST_F(ReadDependencies, SurvivesTheCaptureFile) { EXPECT_EQ(decode(encode(shop)).value(), shop); }

}  // namespace
}  // namespace understudy::catalog
