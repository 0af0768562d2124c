#include "core/sql/numbered_names.hpp"

#include <gtest/gtest.h>

#include "core/sql/fingerprint.hpp"

namespace understudy::sql {
namespace {

TEST(NumberedNames, TellApartWhatTheFingerprintDoesNot) {
    EXPECT_EQ(fingerprint("select a from t_2023"), fingerprint("select a from t_2024"));
    EXPECT_EQ(numbered_names("select a from T_2023 where b = 12"), "t_2023,");
    EXPECT_EQ(numbered_names("insert into \"Old 99\" select * from s.log_10 -- t_77"), "\"Old 99\",log_10,");
    EXPECT_EQ(numbered_names("select a from t1 where b = 4711 and c = 't_2023'"), "");
}

TEST(NumberedNames, LeaveOutWhatSessionsCount) {
    for (const char* sql : {"savepoint sp_100", "rollback to sp_100", "release sp_100", "fetch 50 from c_100", "close c_100",
                            "deallocate pdo_stmt_00000001", "execute s_100 (1)", "listen ch_100"}) {
        EXPECT_EQ(numbered_names(sql), "") << sql;
    }
    EXPECT_EQ(numbered_names("declare c_100 cursor for select * from t_10 as x_12"), "t_10,");
    EXPECT_EQ(numbered_names("prepare s_100 as select 1"), "");
}

TEST(NumberedNames, AnyBytes) {
    EXPECT_EQ(numbered_names(""), "");
    EXPECT_EQ(numbered_names("select \"a11"), "\"a11,");
}

}  // namespace
}  // namespace understudy::sql
