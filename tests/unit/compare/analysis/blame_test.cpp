#include "compare/analysis/blame.hpp"

#include <gmock/gmock.h>

#include "core/catalog/catalog_codec.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace oid = pgwire::type_oid;

/// items(id, code, price) with a key of its id; OIDs begin at `first`, as they do in another database.
catalog::Catalog items(std::uint32_t first) {
    catalog::Catalog made;
    made.database = "shop" + std::to_string(first);
    made.relations.push_back({first, "public", "items", 'r', "shop"});
    std::int16_t number = 1;
    for (const auto& [name, type] :
         std::vector<std::pair<const char*, std::uint32_t>>{{"id", oid::int4}, {"code", oid::text}, {"price", oid::numeric}}) {
        catalog::Attribute attribute;
        attribute.relation = first;
        attribute.number = number++;
        attribute.name = name;
        attribute.type_oid = type;
        made.attributes.push_back(attribute);
    }
    made.keys.push_back({first, "items_pkey", true, {1}});
    made.triggers.push_back({first, "items_audit", first + 1, 'O', 5, false});
    made.sort();
    return made;
}

std::vector<Bytes> texts(const catalog::Catalog& before, const catalog::Catalog& after) {
    std::vector<Bytes> list;
    for (const SchemaChange& change : schema_changes(before, after)) list.push_back(change.text);
    return list;
}

TEST(SchemaChange, OidsMakeNoDifference) { EXPECT_THAT(texts(items(1000), items(7000)), IsEmpty()); }

TEST(SchemaChange, NullsMayBecomeDuplicates) {
    catalog::Catalog before = items(1000);
    before.keys.push_back({1000, "items_code_key", false, {2}});
    before.sort();
    catalog::Catalog after = items(2000);
    after.keys.push_back({2000, "items_code_key", false, {2}, true});
    after.sort();
    EXPECT_THAT(texts(before, after), ::testing::ElementsAre(HasSubstr("unique nulls not distinct (code)")));
}

TEST(SchemaChange, EachThingIsNamed) {
    catalog::Catalog after = items(2000);
    after.attributes[1].type_oid = oid::varchar;
    after.attributes[1].typmod = 14;
    after.attributes[2].default_text = "0";
    after.keys.push_back({2000, "items_code_key", false, {2}});
    after.triggers[0].enabled = 'D';
    after.sort();
    const auto changes = texts(items(1000), after);
    ASSERT_EQ(changes.size(), 4U);
    EXPECT_THAT(changes, ::testing::Contains("column code of items was text, is character varying(10)"));
    EXPECT_THAT(changes, ::testing::Contains("column price of items was numeric, is numeric default 0"));
    EXPECT_THAT(changes, ::testing::Contains(HasSubstr("trigger items_audit of items was enabled O")));
    EXPECT_THAT(changes, ::testing::Contains("constraint items_code_key of items is new: unique (code)"));
}

TEST(SchemaChange, ARelationThatIsGoneIsSaidOnce) {
    catalog::Catalog after;
    EXPECT_THAT(texts(items(1000), after), ElementsAre("relation items is gone"));
    EXPECT_THAT(texts(after, items(1000)), ElementsAre(HasSubstr("relation items is new")));
}

class BlameInComparison : public ::testing::Test {
protected:
    Report compare(const catalog::Catalog& before, const catalog::Catalog& after) {
        MadeCapture a("baseline.pgcap"), b("candidate.pgcap");
        a.add(CatalogRecord{at_ms(0), before.database, catalog::encode(before)});
        b.add(CatalogRecord{at_ms(0), after.database, catalog::encode(after)});
        for (const auto& [sql, left, right] : steps_) {
            a.query(1, sql, {left});
            b.query(1, sql, {right});
        }
        return compare_made(a, b);
    }
    void step(const Bytes& sql, StepResult left, StepResult right) {
        steps_.emplace_back(sql, std::move(left), std::move(right));
    }
    static StepResult duplicate(const Bytes& constraint) {
        StepResult result = failed("23505", "duplicate key value violates unique constraint \"" + constraint + "\"");
        result.error->fields.emplace_back('t', "items");
        result.error->fields.emplace_back('n', constraint);
        return result;
    }
    std::vector<std::tuple<Bytes, StepResult, StepResult>> steps_;
};

TEST_F(BlameInComparison, ADuplicateKeyOfANewConstraintIsTheSchemasDoing) {
    catalog::Catalog after = items(2000);
    after.keys.push_back({2000, "items_code_key", false, {2}});
    after.sort();
    step("INSERT INTO items VALUES (1, 'a', 1)", done("INSERT 0 1"), duplicate("items_code_key"));
    const Report report = compare(items(1000), after);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].cause, Cause::schema);
    EXPECT_THAT(report.findings[0].blame, ElementsAre("constraint items_code_key of items is new: unique (code)"));
    steps_.clear();
    step("INSERT INTO items VALUES (1, 'a', 1)", done("INSERT 0 1"), duplicate("items_pkey"));
    EXPECT_EQ(compare(items(1000), items(2000)).findings.at(0).cause, Cause::data) << "it was there before";
}

TEST_F(BlameInComparison, ADuplicateInAnIndexThatCataloguesDoNotHaveIsTheSchemasDoing) {
    step("INSERT INTO items VALUES (1, 'a', 1)", done("INSERT 0 1"), duplicate("items_lower_code"));
    EXPECT_EQ(compare(items(1000), items(2000)).findings.at(0).cause, Cause::schema);
}

TEST(SchemaChange, ATriggerThatWaitsForCommitIsAnotherOne) {
    catalog::Catalog after = items(2000);
    after.triggers[0].deferrable = true;
    EXPECT_THAT(texts(items(1000), after), ElementsAre(HasSubstr("deferrable")));
}

/// Rows of items with their whole key, as a LIMIT let them through.
StepResult some_items(std::uint32_t table, const std::vector<Row>& values) {
    return rows({{"id", oid::int4, -1, table, 1}, {"code", oid::text, -1, table, 2}}, values);
}

TEST_F(BlameInComparison, OtherRowsThatALimitWithoutOrderLetsThroughAreNoFinding) {
    const Bytes sql = "SELECT id, code FROM items LIMIT 2";
    step(sql, some_items(1000, {{"1", "a"}, {"2", "b"}}), some_items(2000, {{"2", "b"}, {"7", "g"}}));
    const Report report = compare(items(1000), items(2000));
    EXPECT_THAT(report.findings, IsEmpty());
    ASSERT_EQ(report.noise_places.size(), 2U) << "columns id and code";
    EXPECT_EQ(report.noise_places[0].noise_class, NoiseClass::choice);
    catalog::Catalog after = items(2000);
    after.attributes[2].default_text = "7";
    EXPECT_EQ(compare(items(1000), after).findings.size(), 2U) << "its table changed";
    step(sql, some_items(1000, {{"1", "a"}, {"2", "b"}}), some_items(2000, {{"2", "other"}, {"7", "g"}}));
    EXPECT_EQ(compare(items(1000), items(2000)).findings.size(), 2U) << "an equal key, and another row";
}

TEST_F(BlameInComparison, AggregatesWithoutOrderAreNoFinding) {
    const Bytes sql = "SELECT string_agg(code, ',') FROM items";
    const std::vector<Column> one{{"string_agg", oid::text}};
    step(sql, rows(one, {{"a,b,c"}}, true), rows(one, {{"c,a,b"}}, true));
    const Report report = compare(items(1000), items(2000));
    EXPECT_THAT(report.findings, IsEmpty());
    ASSERT_EQ(report.noise_places.size(), 1U);
    EXPECT_EQ(report.noise_places[0].noise_class, NoiseClass::choice);
    catalog::Catalog after = items(2000);
    after.attributes[1].default_text = "'x'";
    EXPECT_EQ(compare(items(1000), after).findings.size(), 1U) << "its table changed";
}

TEST_F(BlameInComparison, ALimitExcusesNoOtherAnswersToTheSameQuestion) {
    step("SELECT id, code FROM items WHERE id = 1 LIMIT 1", some_items(1000, {{"1", "a"}}), some_items(2000, {{"1", "b"}}));
    EXPECT_EQ(compare(items(1000), items(2000)).findings.size(), 1U);
    steps_.clear();
    step("SELECT id, code FROM items ORDER BY code LIMIT 1", some_items(1000, {{"1", "a"}}), some_items(2000, {{"2", "b"}}));
    EXPECT_EQ(compare(items(1000), items(2000)).findings.size(), 2U) << "the statement says which row";
    steps_.clear();
    step("SELECT code FROM items LIMIT 1", rows({{"code", oid::text, -1, 1000, 2}}, {{"a"}}),
         rows({{"code", oid::text, -1, 2000, 2}}, {{"b"}}));
    EXPECT_EQ(compare(items(1000), items(2000)).findings.size(), 1U) << "without its key a row could be the same one";
}

TEST_F(BlameInComparison, PlansAreThePlannersChoice) {
    const std::vector<Column> plan{{"QUERY PLAN", oid::text}};
    step("EXPLAIN (costs off) SELECT code FROM items", rows(plan, {{"Seq Scan"}}), rows(plan, {{"Index Scan"}}));
    const Report report = compare(items(1000), items(2000));
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_EQ(report.noise_places.size(), 1U);
    step("EXPLAIN SELECT code FROM items", rows(plan, {{"Seq Scan"}}), failed("42703", "column \"code\" does not exist"));
    EXPECT_EQ(compare(items(1000), items(2000)).findings.size(), 1U) << "an error is none";
}

TEST_F(BlameInComparison, AnOrderThatOnlyTiesExplainIsNoFinding) {
    const std::vector<Column> id{{"id"}};
    step("SELECT id FROM items ORDER BY code", rows(id, {{"1"}, {"2"}}), rows(id, {{"2"}, {"1"}}));
    const Report same = compare(items(1000), items(2000));
    EXPECT_THAT(same.findings, IsEmpty());
    ASSERT_EQ(same.noise_places.size(), 1U);
    EXPECT_EQ(same.noise_places[0].noise_class, NoiseClass::order);
    catalog::Catalog after = items(2000);
    after.attributes[1].type_oid = oid::varchar;
    EXPECT_EQ(compare(items(1000), after).findings.size(), 1U) << "the column changed";
}

TEST_F(BlameInComparison, AnOrderIsAFindingWhereOtherDataOfTheTableDiffers) {
    const std::vector<Column> id{{"id"}};
    step("SELECT id FROM items ORDER BY code", rows(id, {{"1"}, {"2"}}), rows(id, {{"2"}, {"1"}}));
    step("SELECT max(id) FROM items", rows({{"max"}}, {{"2"}}), rows({{"max"}}, {{"3"}}));
    EXPECT_EQ(compare(items(1000), items(2000)).findings.size(), 2U) << "the keys may have changed as well";
}

TEST_F(BlameInComparison, WhatAsksTheCatalogueSeesTheChange) {
    const std::vector<Column> name{{"attname", oid::text}};
    step("SELECT attname FROM pg_attribute WHERE attnum > 0", rows(name, {{"a"}}), rows(name, {{"a"}, {"b"}}));
    step("SELECT attname FROM pg_attribute, items", rows(name, {{"a"}}), rows(name, {{"a"}, {"b"}}));
    const Report report = compare(items(1000), items(2000));
    EXPECT_EQ(report.findings.size(), 1U) << "the second is about a table as well";
    EXPECT_EQ(report.noise_places.size(), 1U);
}

TEST_F(BlameInComparison, FloatingPointSumsMayDifferInTheirLastDigits) {
    const std::vector<Column> sum{{"sum", oid::float8}};
    step("SELECT sum(kg) FROM items", rows(sum, {{"1.2000000000000002"}}, true), rows(sum, {{"1.2"}}, true));
    EXPECT_THAT(compare(items(1000), items(2000)).findings, IsEmpty());
    step("SELECT sum(kg) FROM items", rows(sum, {{"1.2"}}, true), rows(sum, {{"1.3"}}, true));
    EXPECT_EQ(compare(items(1000), items(2000)).findings.size(), 1U) << "that is more";
}

}  // namespace
}  // namespace understudy::compare
