#include "core/sql/output_origins.hpp"

#include <gtest/gtest.h>

namespace understudy::sql {
namespace {

/// "s.t.a - t.b", or "refused"; - for what is no plain column.
Bytes origins_of(BytesView query) {
    const auto origins = output_origins(query);
    if (!origins) return "refused";
    Bytes text;
    for (const ColumnOrigin& one : *origins) {
        text += text.empty() ? "" : " ";
        text += one.table.empty() ? "-" : (one.schema.empty() ? "" : one.schema + ".") + one.table + "." + one.column;
    }
    return text;
}

TEST(OutputOrigins, PlainColumnsOnly) {
    EXPECT_EQ(origins_of("select id, name as n, lower(name), id::text, 5 from s.t"), "s.t.id s.t.name - - -");
    EXPECT_EQ(origins_of("select a.id, b.id from s.t a left join u b on a.id = b.id"), "s.t.id u.id");
    EXPECT_EQ(origins_of("select x.i from (select id as i from t) x"), "t.id");
    EXPECT_EQ(origins_of("with x as (select id as i from t) select x.i, x.j from x"), "t.id -");
    EXPECT_EQ(origins_of("select id from t union all select id from t"), "t.id");
    EXPECT_EQ(origins_of("select id from t union all select id from u"), "-");
    EXPECT_EQ(origins_of("select id, x.* from t"), "t.id");
    EXPECT_EQ(origins_of("select id from t, u"), "-");
    EXPECT_EQ(origins_of("values (1)"), "-");
    EXPECT_EQ(origins_of("insert into t (a) values (1) returning id"), "t.id");
    EXPECT_EQ(origins_of("selec"), "refused");
    EXPECT_EQ(origins_of("select 1; select 2"), "refused");
    EXPECT_EQ(origins_of(""), "refused");
}

}  // namespace
}  // namespace understudy::sql
