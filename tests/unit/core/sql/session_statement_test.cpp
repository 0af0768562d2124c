#include "core/sql/session_statement.hpp"

#include <gtest/gtest.h>

namespace understudy::sql {
namespace {

TEST(SessionStatement, WhatChangesOnlyTheSession) {
    for (const char* sql :
         {"set work_mem = '1MB'", "set local role x", "reset all", "show work_mem", "prepare p as delete from t",
          "execute p(1)", "deallocate all", "fetch 3 from c", "move c", "close c", "discard all", "listen x",
          "unlisten *", "set constraints all deferred", "set a.b = 1; show a.b", "/* insert */ close c"}) {
        EXPECT_TRUE(changes_session_only(sql)) << sql;
    }
}

TEST(SessionStatement, WhatDoesNot) {
    for (const char* sql : {"begin", "commit", "select 1", "insert into t values (1)", "notify x", "lock table t",
                            "create temp table t (a int)", "declare c cursor for select 1", "do $$ begin end $$",
                            "alter system set work_mem = '1MB'", "load 'x'", "close c; delete from t", "", "-- nothing",
                            "fetch fetch fetch", "explain execute p"}) {
        EXPECT_FALSE(changes_session_only(sql)) << sql;
    }
}

}  // namespace
}  // namespace understudy::sql
