#include "core/sql/access.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/sql/access_text.hpp"

namespace understudy::sql {
namespace {

/// "begin serializable chain session"
Bytes transaction_of(BytesView sql) {
    constexpr std::array<BytesView, 9> kActs = {"none",    "begin",       "commit",  "rollback", "savepoint",
                                                "release", "rollback to", "prepare", "set"};
    constexpr std::array<BytesView, 4> kLevels = {"", " committed", " repeatable", " serializable"};
    const StatementAccess access = access_of(sql);
    return Bytes(kActs.at(static_cast<std::size_t>(access.transaction))) +
           Bytes(kLevels.at(static_cast<std::size_t>(access.isolation))) + (access.and_chain ? " chain" : "") +
           (access.session_isolation ? " session" : "");
}

TEST(Access, Transactions) {
    for (const AccessCase& one : std::vector<AccessCase>{
             {"begin", "begin"},
             {"begin work isolation level serializable, read only", "begin serializable"},
             {"start transaction isolation level repeatable /* x */ read", "begin repeatable"},
             {"start transaction read only, isolation level read uncommitted", "begin committed"},
             {"begin isolation level read committed deferrable", "begin committed"},
             {"commit", "commit"},
             {"end and chain", "commit chain"},
             {"commit and no chain", "commit"},
             {"rollback and chain", "rollback chain"},
             {"abort", "rollback"},
             {"savepoint s", "savepoint"},
             {"release savepoint s", "release"},
             {"rollback to s", "rollback to"},
             {"prepare transaction 'x'", "prepare"},
             {"commit prepared 'x'", "commit"},
             {"rollback prepared 'x'", "rollback"},
             {"set transaction isolation level repeatable read", "set repeatable"},
             {"set local transaction isolation level serializable", "set serializable"},
             {"set transaction read only", "none"},
             {"set transaction snapshot 'x'", "none"},
             {"set session characteristics as transaction isolation level serializable", "set serializable session"},
             {"set session characteristics as transaction read write", "none"},
             {"set default_transaction_isolation = 'Repeatable Read'", "set repeatable session"},
             {"set Default_Transaction_Isolation to serializable", "set serializable session"},
             {"set local default_transaction_isolation = 'serializable'", "none"},
             {"set transaction_isolation = 'serializable'", "set serializable"},
             {"set default_transaction_isolation to default", "set session"},
             {"reset default_transaction_isolation", "set session"},
             {"reset all", "set session"},
             {"discard all", "set session"},
             {"discard plans", "none"},
             {"set work_mem = 5", "none"},
             {"select 1", "none"},
         }) {
        EXPECT_EQ(transaction_of(one.sql), one.expected) << one.sql;
    }
}

TEST(Access, NamesOfStatementsAndCursors) {
    EXPECT_EQ(access_of("prepare p (int) as select * from t where id = $1").prepares, "p");
    EXPECT_EQ(access_of("execute \"P\"").executes, "P");
    EXPECT_EQ(access_of("declare c cursor with hold for select 1").declares, "c");
    EXPECT_EQ(access_of("fetch 5 from c").fetches, "c");
    EXPECT_EQ(access_of("move all in c").fetches, "c");
    EXPECT_EQ(access_of("create table n as execute p(1)").executes, "p");
    const BytesView sql = "execute p(1, $2, 'x'::int, null, now(), 2 + 3, true)";
    EXPECT_EQ(text_of(sql, access_of(sql).arguments), "1,$2,'x',?,?,?,true");
}

TEST(Access, EachStatementOfATextIsOne) {
    const BytesView sql = " begin;update t set x = 1 where id = 2 ; commit";
    const auto all = statement_accesses(sql);
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 3U);
    EXPECT_EQ((*all)[0].kind, StatementKind::transaction);
    EXPECT_EQ((*all)[1].kind, StatementKind::update);
    EXPECT_EQ(sql.substr((*all)[1].begin, (*all)[1].end - (*all)[1].begin), "update t set x = 1 where id = 2 ");
    ASSERT_EQ((*all)[1].ties.size(), 2U);
    EXPECT_EQ(sql.substr((*all)[1].ties[1].value.offset, (*all)[1].ties[1].value.length), "2");
    EXPECT_EQ((*all)[2].transaction, TransactionAct::commit);
}

TEST(Access, Kinds) {
    EXPECT_EQ(access_of("copy t from stdin").kind, StatementKind::copy_in);
    EXPECT_EQ(access_of("copy t to stdout").kind, StatementKind::copy_out);
    EXPECT_EQ(access_of("explain select 1").kind, StatementKind::explain);
    EXPECT_EQ(access_of("truncate t").kind, StatementKind::utility_other);
    EXPECT_EQ(access_of("drop table t").kind, StatementKind::utility_ddl);
}

TEST(Access, WhatTheParserRefusesIsNotKnown) {
    EXPECT_FALSE(statement_accesses("selec 1"));
    EXPECT_FALSE(statement_accesses("select 1; selec"));
    EXPECT_TRUE(statement_accesses("")->empty());
    EXPECT_TRUE(statement_accesses(" -- nothing\n;;")->empty());
}

TEST(Access, DeepAndWideTextsEnd) {
    Bytes nested = "select 1";
    for (int i = 0; i < 100; ++i) nested = "select * from (" + nested + ") t where exists (select 1 where t.x = 1)";
    EXPECT_TRUE(statement_accesses(nested).has_value());
    Bytes doubling = "select 1 as a";
    for (int i = 0; i < 60; ++i) doubling = "select *, * from (" + doubling + ") t";
    EXPECT_TRUE(statement_accesses(doubling).has_value());
    Bytes chain = "select 1 from t where a0 = a1";
    for (int i = 1; i < 15'000; ++i) chain += " and a" + std::to_string(i) + " = a" + std::to_string(i + 1);
    EXPECT_EQ(access_of(chain + " and a0 = 5").relations.at(0).equal.size(), 15'001U);
    Bytes outer = "select 1 from t0";
    for (int i = 1; i < 150; ++i) {
        outer += " left join t" + std::to_string(i) + " on t" + std::to_string(i) + ".x = t0.x";
    }
    outer += " where t0.x = 1";
    ASSERT_EQ(access_of(outer).relations.size(), 150U);
    EXPECT_EQ(access_of(outer).relations.back().equal.size(), 1U);
}

}  // namespace
}  // namespace understudy::sql
