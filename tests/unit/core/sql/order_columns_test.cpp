#include "core/sql/order_columns.hpp"

#include <gtest/gtest.h>

#include <string>

namespace understudy::sql {
namespace {

/// "name 2 ?": by name, by number, an expression.
std::string terms(BytesView sql) {
    std::string text;
    for (const OrderColumn& column : order_columns(sql)) {
        if (!text.empty()) text += ' ';
        text += column.position > 0 ? std::to_string(column.position) : column.name.empty() ? "?" : column.name;
    }
    return text;
}

TEST(OrderColumns, AreNamesNumbersOrExpressions) {
    EXPECT_EQ(terms("select a, b from t order by b, t.a desc nulls last, 2, 1"), "b a 2 1");
    EXPECT_EQ(terms("select a from t order by lower(a), a + 1, 'x', a"), "? ? ? a");
    EXPECT_EQ(terms("select a from t union all select a from u order by 1"), "1");
    EXPECT_EQ(terms("declare c cursor for select * from t order by \"Odd Name\""), "Odd Name");
    EXPECT_EQ(terms("copy (select a from t order by a) to stdout"), "a");
    EXPECT_EQ(terms("select a from t order by 1 limit 5 for update"), "1");
}

TEST(OrderColumns, ANameWithItsTableIsTheTablesOwn) {
    EXPECT_EQ(terms("select id, to_char(created, 'YYYY') as created from t order by t.created"), "?");
    EXPECT_EQ(terms("select id, to_char(created, 'YYYY') as created from t order by created"), "created");
    EXPECT_EQ(terms("select o.id, o.created from t o order by o.created, o.id"), "created id");
    EXPECT_EQ(terms("select o.* from t o order by o.created"), "created");
    EXPECT_EQ(terms("select id from t order by t.hidden"), "?");
}

TEST(OrderColumns, AreThoseOfTheStatementItself) {
    EXPECT_EQ(terms("select a from (select a from t order by a) as s"), "");
    EXPECT_EQ(terms("update t set a = 1"), "");
    EXPECT_EQ(terms("not sql at all"), "");
    EXPECT_EQ(terms(""), "");
    EXPECT_EQ(terms("select 1 order by 1; select 2"), "") << "which of them is not said";
}

}  // namespace
}  // namespace understudy::sql
