#include "capture/log/log_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy::capture {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

using Values = std::vector<std::optional<Bytes>>;

TEST(LogMessage, TellsStatementsFromDurations) {
    LogMessage message = read_log_message("statement: select 1");
    EXPECT_EQ(message.what, LogWhat::statement);
    EXPECT_EQ(message.sql, "select 1");
    EXPECT_FALSE(message.duration);

    message = read_log_message("duration: 12.345 ms");
    EXPECT_EQ(message.what, LogWhat::duration);
    EXPECT_EQ(message.duration, Duration::microseconds(12'345));

    message = read_log_message("duration: 60000.001 ms  statement: select\n1");
    EXPECT_EQ(message.what, LogWhat::statement);
    EXPECT_EQ(message.duration, Duration::microseconds(60'000'001));
    EXPECT_EQ(message.sql, "select\n1");
}

TEST(LogMessage, ReadsNamesAndPortals) {
    LogMessage message = read_log_message("execute <unnamed>: select ': '");
    EXPECT_EQ(message.what, LogWhat::execute);
    EXPECT_EQ(message.name, "");
    EXPECT_EQ(message.sql, "select ': '");

    message = read_log_message("execute S_1/C_2: select 1");
    EXPECT_EQ(message.name, "S_1");
    EXPECT_EQ(message.portal, "C_2");

    message = read_log_message("execute fetch from S_1/C_2: select 1");
    EXPECT_EQ(message.what, LogWhat::fetch);
    EXPECT_EQ(message.portal, "C_2");

    message = read_log_message("duration: 0.1 ms  parse S_1: select 1");
    EXPECT_EQ(message.what, LogWhat::parse);
    EXPECT_EQ(message.name, "S_1");
    EXPECT_EQ(read_log_message("duration: 0.1 ms  bind <unnamed>: select 1").what, LogWhat::bind);
}

TEST(LogMessage, OthersAreNoStatements) {
    for (const char* text : {"", "duration: ", "duration: x ms", "duration: 1.0 s", "duration: 1 ms  ", "execute ",
                             "parse <unnamed>: select 1", "checkpoint starting: time", "execute no colon",
                             "duration: 99999999999999999999 ms"}) {
        EXPECT_EQ(read_log_message(text).what, LogWhat::other) << text;
    }
    EXPECT_EQ(read_log_message("duration: 0.1 ms  plan:\nQuery Text: select 1").what, LogWhat::plan);
}

TEST(LogMessage, ReadsConnections) {
    const BytesView text = "connection authorized: user=the user database=shop application_name=my app SSL enabled (x)";
    EXPECT_EQ(read_log_message(text).what, LogWhat::authorized);
    EXPECT_EQ(authorized_user(text), "the user");
    EXPECT_EQ(authorized_database(text), "shop");
    EXPECT_EQ(authorized_application(text), "my app");
    EXPECT_EQ(authorized_application("connection authorized: user=u database=d"), "");
}

TEST(LogParameters, UnescapesExactly) {
    const auto read = read_log_parameters("$1 = '1', $2 = 'it''s, \"q\"\n'', $2 = '' \\', $3 = NULL, $4 = ''", -1);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->values, (Values{"1", "it's, \"q\"\n', $2 = ' \\", std::nullopt, ""}));
    EXPECT_FALSE(read->truncated);
}

TEST(LogParameters, CountsPastNine) {
    std::string text;
    Values wanted;
    for (int i = 1; i <= 120; ++i) {
        text += (i > 1 ? ", $" : "$") + std::to_string(i) + " = '" + std::to_string(i * 7) + "'";
        wanted.emplace_back(std::to_string(i * 7));
    }
    const auto read = read_log_parameters(text, std::nullopt);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->values, wanted);
}

TEST(LogParameters, WhatIsCutOffOrOutOfOrderIsNotGuessed) {
    for (const char* text : {"", "$1", "$1 = ", "$1 = 'abc", "$1 = 'abc''", "$1 = 'a', ", "$2 = 'a'", "$1 = 'a'x",
                             "$1 = 'a', $3 = 'b'", "$1 = null", "$ = 'a'", "$1 = 'a' $2 = 'b'"}) {
        EXPECT_FALSE(read_log_parameters(text, -1)) << text;
    }
}

TEST(LogParameters, TellsTruncatedValues) {
    EXPECT_TRUE(read_log_parameters("$1 = 'abcde...'", std::nullopt)->truncated);
    EXPECT_TRUE(read_log_parameters("$1 = 'abcde...'", 5)->truncated);
    EXPECT_TRUE(read_log_parameters("$1 = 'abcd...'", 5)->truncated) << "cut before a character of several bytes";
    EXPECT_FALSE(read_log_parameters("$1 = 'abcde...'", -1)->truncated);
    EXPECT_FALSE(read_log_parameters("$1 = 'wait...'", 100)->truncated);
    EXPECT_FALSE(read_log_parameters("$1 = 'abcde'", std::nullopt)->truncated);
}

TEST(LogParameters, AreFoundInDetailAndContext) {
    EXPECT_THAT(parameters_of_detail("parameters: $1 = '1'"), Optional(Eq("$1 = '1'")));
    EXPECT_THAT(parameters_of_detail("Parameters: $1 = '1'"), Optional(Eq("$1 = '1'")));
    EXPECT_FALSE(parameters_of_detail("prepare: prepare p as select 1"));
    EXPECT_THAT(parameters_of_context("PL/pgSQL function f() line 1\nunnamed portal with parameters: $1 = '0'"),
                Optional(Eq("$1 = '0'")));
    EXPECT_FALSE(parameters_of_context("unnamed portal parameter $1 = '...'"));
}

TEST(LogMessage, QuickLooksAtSql) {
    EXPECT_TRUE(has_placeholder("select $1"));
    EXPECT_TRUE(has_placeholder("select 'a' || $12"));
    EXPECT_FALSE(has_placeholder("select '$1'"));
    EXPECT_FALSE(has_placeholder("select a$1 from t"));
    EXPECT_TRUE(copies_from_client("COPY t FROM STDIN"));
    EXPECT_FALSE(copies_from_client("copy t to stdout"));
    EXPECT_FALSE(copies_from_client("select 1"));
}

}  // namespace
}  // namespace understudy::capture
