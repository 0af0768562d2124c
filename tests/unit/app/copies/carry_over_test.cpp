#include "app/copies/carry_over.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/copies/busy_template.hpp"
#include "app/process/postgres_tools.hpp"

namespace understudy::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SettingValue, WritesListsOfNamesAsLists) {
    EXPECT_EQ(setting_value("search_path", "\"$user\", \"a, b\", \"say \"\"c\"\"\", public"),
              "'$user', 'a, b', 'say \"c\"', 'public'");
    EXPECT_EQ(setting_value("search_path", ""), "''");
    EXPECT_EQ(setting_value("search_path", "\"\""), "''");
    EXPECT_EQ(setting_value("work_mem", "64MB"), "'64MB'");
    EXPECT_EQ(setting_value("myapp.motto", "it's, \"so\""), "'it''s, \"so\"'");
}

TEST(SettingStatements, AreOfTheDatabaseOrOfARoleInIt) {
    DatabaseFacts source;
    source.settings = {{"", "myapp.Tenant", "x"}, {"app \"1\"", "TimeZone", "UTC"}};
    const auto statements = setting_statements(source, "copy");
    ASSERT_EQ(statements.size(), 2U);
    EXPECT_EQ(statements[0].sql, "alter database \"copy\" set \"myapp\".\"Tenant\" to 'x'");
    EXPECT_EQ(statements[1].sql, "alter role \"app \"\"1\"\"\" in database \"copy\" set \"TimeZone\" to 'UTC'");
    EXPECT_EQ(statements[1].what, "setting TimeZone of role \"app \"1\"\"");
}

std::vector<std::string> sql_of(const std::vector<CarryStatement>& statements) {
    std::vector<std::string> result;
    for (const auto& statement : statements) result.push_back(statement.sql);
    return result;
}

TEST(GrantStatements, AreNoneForTheDefault) { EXPECT_THAT(grant_statements(DatabaseFacts{}, "copy"), IsEmpty()); }

TEST(GrantStatements, EachComesAfterTheOneThatAllowsIt) {
    DatabaseFacts source;
    source.owner = "boss";
    source.default_acl = false;
    source.grants = {
        {"lead", "worker", "CONNECT", false}, {"boss", "lead", "CONNECT", true}, {"boss", "", "TEMPORARY", false}};
    EXPECT_THAT(sql_of(grant_statements(source, "copy")),
                ElementsAre("revoke all on database \"copy\" from public, \"boss\"",
                            "grant CONNECT on database \"copy\" to \"lead\" with grant option",
                            "grant TEMPORARY on database \"copy\" to public",
                            "set local role \"lead\"; grant CONNECT on database \"copy\" to \"worker\"; reset role"));
}

TEST(GrantStatements, AChainWithoutBeginningEnds) {
    DatabaseFacts source;
    source.owner = "boss";
    source.default_acl = false;
    source.grants = {{"a", "b", "CONNECT", true}, {"b", "a", "CONNECT", true}};
    EXPECT_EQ(grant_statements(source, "copy").size(), 1U);
}

TEST(CreateStatement, TakesTheTemplateOrItsLocale) {
    DatabaseFacts source;
    source.name = "shop";
    source.owner = "boss";
    source.may_be_owner = true;
    source.encoding = "UTF8";
    source.collate = source.ctype = "C";
    source.locale_provider = 'i';
    source.locale = "de";
    source.tablespace = "fast";
    EXPECT_THAT(create_statement(source, "copy", true, 150000),
                HasSubstr("create database \"copy\" owner \"boss\" template \"shop\" allow_connections false"));
    const std::string empty = create_statement(source, "copy", false, 160000);
    EXPECT_THAT(empty, HasSubstr("template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C' locale_provider icu "
                                 "icu_locale 'de' tablespace \"fast\""));
    source.size = std::int64_t{5} << 30;
    EXPECT_THAT(create_statement(source, "copy", true, 150000), HasSubstr("strategy file_copy"));
    EXPECT_THAT(create_statement(source, "copy", true, 140000), Not(HasSubstr("strategy")));
}

TEST(TemplateUsers, AreNamedWithWhatToDo) {
    const TemplateUser web{"app", "web", "10.0.0.3", "2026-11-28 10:00:00+00", "idle in transaction", ""};
    const std::string text = explain_template_users("shop", std::vector<TemplateUser>(7, web), false);
    EXPECT_THAT(text,
                HasSubstr("user \"app\", application \"web\", from 10.0.0.3, since 2026-11-28 10:00:00+00, idle in"));
    EXPECT_THAT(text, HasSubstr("and 2 more"));
    EXPECT_THAT(text, HasSubstr("--close-connections"));
    TemplateUser prepared;
    prepared.user = "app";
    prepared.prepared = "tx-1";
    EXPECT_THAT(explain_template_users("shop", {prepared}, true),
                HasSubstr("prepared transaction 'tx-1' of user \"app\""));
}

TEST(ToolVersion, IsReadFromWhatTheToolSays) {
    EXPECT_EQ(parse_tool_version("pg_dump (PostgreSQL) 15.6 (Debian 15.6-0+deb12u1)\n").version,
              "15.6 (Debian 15.6-0+deb12u1)");
    EXPECT_EQ(parse_tool_version("pg_dump (PostgreSQL) 18beta1\n").major, 18);
    EXPECT_EQ(parse_tool_version("pg_dump: not found").major, 0);
}

}  // namespace
}  // namespace understudy::app
