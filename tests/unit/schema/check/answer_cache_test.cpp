#include "schema/check/answer_cache.hpp"

#include <gtest/gtest.h>

namespace understudy::schema {
namespace {

constexpr std::uint32_t kMood = 16'500;  // a user type's OID in one database

RecordedStatements two_statements() {
    RecordedStatements recorded;
    for (const char* sql : {"select a from t", "select b from u"}) {
        RecordedStatement& statement = recorded.statements.emplace_back();
        statement.sql = sql;
        statement.user = "app";
    }
    return recorded;
}

catalog::ObjectFingerprints schema_with(const std::string& of_t) {
    catalog::ObjectFingerprints schema;
    schema.environment = std::string(64, 'e');
    schema.names = {{"t", of_t}, {"u", std::string(64, 'u')}};
    return schema;
}

/// What a server says to all items of a plan.
ServerAnswers said(const CheckPlan& plan, std::uint32_t mood) {
    ServerAnswers answers;
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
        Description description;
        auto& column = description.columns.emplace_back();
        column.name = plan.items[i].sql.substr(7, 1);
        column.type_oid = mood;
        answers.descriptions.push_back(description);
        answers.plans.push_back({std::nullopt});
        answers.paths.push_back("public");
    }
    answers.types[mood] = "public.mood";
    return answers;
}

TEST(AnswerCache, AsksOnlyAboutWhatChanged) {
    AnswerCache cache;
    const RecordedStatements recorded = two_statements();
    const CheckPlan plan = make_plan(recorded);
    SideCache first(cache, recorded, plan, schema_with(std::string(64, 'a')), "server");
    ASSERT_EQ(first.asked().items.size(), 2u);
    first.complete(said(first.asked(), kMood));

    SideCache same(cache, recorded, plan, schema_with(std::string(64, 'a')), "server");
    EXPECT_TRUE(same.asked().items.empty());
    SideCache changed(cache, recorded, plan, schema_with(std::string(64, 'b')), "server");
    ASSERT_EQ(changed.asked().items.size(), 1u);
    EXPECT_EQ(changed.asked().items[0].sql, "select a from t");
    SideCache elsewhere(cache, recorded, plan, schema_with(std::string(64, 'a')), "another server");
    EXPECT_EQ(elsewhere.asked().items.size(), 2u);
}

TEST(AnswerCache, NamesTypesAcrossDatabases) {
    AnswerCache cache;
    const RecordedStatements recorded = two_statements();
    const CheckPlan plan = make_plan(recorded);
    SideCache first(cache, recorded, plan, schema_with(std::string(64, 'a')), "server");
    first.complete(said(first.asked(), kMood));
    SideCache changed(cache, recorded, plan, schema_with(std::string(64, 'b')), "server");
    const ServerAnswers all = changed.complete(said(changed.asked(), 17'000));
    ASSERT_EQ(all.descriptions.size(), 2u);
    for (const Description& description : all.descriptions)
        EXPECT_EQ(type_name(all.types, description.columns.at(0).type_oid), "public.mood");
    EXPECT_EQ(all.descriptions[1].columns[0].name, "b");
    EXPECT_EQ(all.paths, (std::vector<Bytes>{"public", "public"}));
}

TEST(AnswerCache, RemembersWhoseRightsWereNotChecked) {
    AnswerCache cache;
    const RecordedStatements recorded = two_statements();
    const CheckPlan plan = make_plan(recorded);
    SideCache first(cache, recorded, plan, schema_with(std::string(64, 'a')), "server");
    ServerAnswers answers = said(first.asked(), kMood);
    answers.roles_not_assumed = {"app"};
    first.complete(std::move(answers));
    SideCache same(cache, recorded, plan, schema_with(std::string(64, 'a')), "server");
    EXPECT_EQ(same.complete({}).roles_not_assumed, std::set<Bytes>{"app"});
}

TEST(AnswerCache, KeepsNoTrouble) {
    AnswerCache cache;
    const RecordedStatements recorded = two_statements();
    const CheckPlan plan = make_plan(recorded);
    SideCache first(cache, recorded, plan, schema_with(std::string(64, 'a')), "server");
    ServerAnswers answers = said(first.asked(), kMood);
    answers.descriptions[0].refusal = Refusal{"57014", "timeout", {}, 0};
    first.complete(std::move(answers));
    EXPECT_EQ(cache.size(), 1u);
}

TEST(AnswerCache, IsReadAsItWasWritten) {
    AnswerCache cache;
    KeptAnswer answer;
    answer.path = "public";
    answer.description.refusal = Refusal{"42703", "column \"a\" does not exist", "a hint", 8};
    answer.plans = {std::nullopt, Refusal{"22P02", "x", "", 0}};
    answer.types = {{kMood, "public.mood"}};
    cache.add("key", answer);
    const Bytes bytes = cache.encode();
    auto read = AnswerCache::decode(bytes);
    ASSERT_TRUE(read);
    ASSERT_NE(read->find("key"), nullptr);
    EXPECT_EQ(*read->find("key"), answer);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(AnswerCache::decode(bytes.substr(0, cut)));
}

}  // namespace
}  // namespace understudy::schema
