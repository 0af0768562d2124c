#include "replay/plan/read_only.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sql/session_statement.hpp"
#include "replay/plan/statement_filter.hpp"

namespace understudy::replay {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

catalog::FunctionVolatility functions() {
    catalog::FunctionVolatility functions;
    for (const char* name : {"lower", "count", "now", "date_part", "generate_series", "pg_get_userbyid", "extract"}) {
        functions.add("pg_catalog", name, false);
    }
    for (const char* name : {"nextval", "setval", "lo_create", "pg_advisory_lock", "pg_notify", "random", "pg_sleep",
                             "set_config", "pg_try_advisory_xact_lock", "currval"}) {
        functions.add("pg_catalog", name, true);
    }
    functions.add("public", "price", false);
    functions.add("public", "next_invoice", true);
    functions.add("billing", "total", false);
    functions.add("audit", "total", true);
    functions.add("public", "dblink", true);
    functions.add("public", "random_name", true);
    return functions;
}

std::string why(BytesView sql, const catalog::FunctionVolatility& known = functions()) {
    return why_not_read_only(sql::traits(sql), sql::changes_session_only(sql), known);
}

TEST(ReadOnly, WhatOnlyReadsPasses) {
    for (const char* sql : {"select 1",
                            "select * from t where delete = 'update'",
                            "values (1)",
                            "table t",
                            "show work_mem",
                            "with x as (select 1) select * from x",
                            "select lower(a), count(*) from t",
                            "select current_user, now()",
                            "select price(1)",
                            "select random(), pg_sleep(0)",
                            "explain delete from t",
                            "copy t to stdout",
                            "copy (select 1) to stdout",
                            "declare c cursor for select 1",
                            "fetch 3 from c",
                            "close c",
                            "select billing.total(1)",
                            "select extract(year from now())",
                            "select currval('s')",
                            "/* delete */ select 1",
                            "",
                            "prepare p as select 1",
                            "execute p(1)",
                            "deallocate p"}) {
        EXPECT_THAT(why(sql), IsEmpty()) << sql;
    }
}

TEST(ReadOnly, TransactionControlAndTheSessionsOwnPass) {
    for (const char* sql :
         {"begin", "start transaction isolation level serializable", "commit", "rollback", "savepoint a", "release a",
          "rollback to a", "set search_path to x", "set local work_mem = '1MB'", "reset all", "discard all", "listen x",
          "unlisten *", "set constraints all deferred", "select set_config('a.b', '1', true)"}) {
        EXPECT_THAT(why(sql), IsEmpty()) << sql;
    }
}

TEST(ReadOnly, WhatWritesDoesNotPassHoweverItIsWritten) {
    for (const char* sql : {"insert into t values (1)",
                            "update t set a = 1",
                            "delete from t",
                            "truncate t",
                            "with gone as (delete from t returning *) select * from gone",
                            "select * from t for update",
                            "select * from t for key share",
                            "select 1 into u from t",
                            "create table u as select 1",
                            "explain analyze delete from t",
                            "explain (analyze) insert into t values (1)",
                            "copy t from stdin",
                            "do $$ begin end $$",
                            "call p()",
                            "lock table t",
                            "notify x",
                            "vacuum",
                            "refresh materialized view v",
                            "declare c cursor for select * from t for update",
                            "create temp table u (a int)",
                            "select nextval('s')",
                            "select pg_catalog.setval('s', 1)",
                            "select lo_create(0)",
                            "select pg_advisory_lock(1)",
                            "select pg_try_advisory_xact_lock(1)",
                            "select pg_notify('a', 'b')",
                            "select next_invoice()",
                            "select dblink('x', 'y')",
                            "select 1 from t where price(next_invoice()) > 1",
                            "select \"NextVal\"('s')",
                            "values (nextval('s'))",
                            "copy (select nextval('s')) to stdout",
                            "explain analyze execute p",
                            "declare c cursor for select next_invoice()",
                            "execute p(nextval('s'))"}) {
        EXPECT_THAT(why(sql), HasSubstr("not read-only")) << sql;
    }
}

TEST(ReadOnly, OfEqualNamesTheWorstCountsUnlessTheSchemaIsSaid) {
    EXPECT_THAT(why("select total(1)"), HasSubstr("total is volatile"));
    EXPECT_THAT(why("select audit.total(1)"), HasSubstr("audit.total is volatile"));
    EXPECT_THAT(why("select billing.total(1)"), IsEmpty());
}

TEST(ReadOnly, TheReviewedListIsOfPostgresqlsOwnFunctionsOnly) {
    catalog::FunctionVolatility shadowed = functions();
    shadowed.add("public", "random", true);
    EXPECT_THAT(why("select random()", shadowed), HasSubstr("random is volatile"));
    EXPECT_THAT(why("select pg_catalog.random()", shadowed), IsEmpty());
    EXPECT_THAT(why("select random_name()"), HasSubstr("volatile"));
}

TEST(ReadOnly, WhatIsNotKnownDoesNotPass) {
    EXPECT_THAT(why("select nobody_has_this(1)"), HasSubstr("has no function nobody_has_this"));
    EXPECT_THAT(why("selec 1"), HasSubstr("not understood"));
}

TEST(ReadOnly, TheSettingThatTheReplayMakesIsLeftAlone) {
    StatementChoice choice;
    choice.read_only = true;
    choice.functions = functions();
    StatementFilter filter(choice);
    for (const char* sql : {"set default_transaction_read_only = off", "show transaction_read_only",
                            "SET \"default_transaction_read_only\" TO off",
                            "select set_config('DEFAULT_TRANSACTION_READ_ONLY', 'off', false)"}) {
        EXPECT_STREQ(filter.judge(sql).key, "read_only") << sql;
    }
    EXPECT_FALSE(filter.judge("show work_mem").yes());
    EXPECT_FALSE(filter.judge("begin read write").yes());
}

}  // namespace
}  // namespace understudy::replay
