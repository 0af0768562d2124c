#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

#include "core/pgwire/value.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::pgwire {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

class ValueAgainstServer : public ::testing::Test {
protected:
    explicit ValueAgainstServer(const std::string& database = "")
        : connection_(PQconnectdb(conninfo(database).c_str()), &PQfinish) {
        EXPECT_EQ(PQstatus(connection_.get()), CONNECTION_OK) << PQerrorMessage(connection_.get());
        ask("set timezone = 'UTC'", 0);
        ask("set client_min_messages = warning", 0);
        ask("set client_encoding = 'UTF8'", 0);
        ask("select setseed(0.5)", 0);
    }

    Answer ask(const std::string& sql, int format) {
        Answer answer(PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, format),
                      &PQclear);
        const ExecStatusType status = PQresultStatus(answer.get());
        EXPECT_TRUE(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) << sql << "\n"
                                                                             << PQerrorMessage(connection_.get());
        return answer;
    }

    /// Compares both formats of every value of a query with one column. With `canonical_only`, the server
    /// prints the text in another zone or style, so that only the canonical forms have to be equal.
    void compare(const std::string& sql, int& compared, bool canonical_only = false) {
        const Answer text = ask(sql, 0);
        const Answer binary = ask(sql, 1);
        ASSERT_EQ(PQntuples(text.get()), PQntuples(binary.get())) << sql;
        const auto type = static_cast<std::uint32_t>(PQftype(text.get(), 0));
        Bytes text_scratch;
        Bytes binary_scratch;
        for (int row = 0; row < PQntuples(text.get()); ++row) {
            const BytesView printed = value(text.get(), row);
            const BytesView sent = value(binary.get(), row);
            const CanonicalValue from_text = canonical_value(type, 0, printed, text_scratch, user_types_);
            const CanonicalValue from_binary = canonical_value(type, 1, sent, binary_scratch, user_types_);
            ASSERT_NE(from_binary.value_class, ValueClass::opaque_binary) << sql << "\n" << printed;
            ASSERT_EQ(from_text.value_class, from_binary.value_class) << sql << "\n" << printed;
            ASSERT_EQ(from_text.bytes, from_binary.bytes) << sql << "\n" << printed;
            if (!canonical_only) {
                ASSERT_EQ(display_value(type, 1, sent, user_types_), printed) << sql;
            }
            ++compared;
        }
    }

    /// Every one of `literals` as `type`.
    void compare_literals(const std::string& type, const std::vector<std::string>& literals) {
        int compared = 0;
        for (const std::string& literal : literals) compare("select '" + literal + "'::" + type, compared);
        EXPECT_EQ(compared, static_cast<int>(literals.size()));
    }

    /// `expression` over a series of 3000 numbers i, chance included.
    void compare_series(const std::string& expression, bool canonical_only = false) {
        // Materialised in a table, for both formats have to see the same chance.
        ask("drop table if exists pg_temp.series", 0);
        ask("create temp table series as select " + expression + " as v from generate_series(1, 3000) i", 0);
        int compared = 0;
        compare("select v from series", compared, canonical_only);
        EXPECT_EQ(compared, 3000) << expression;
    }

    /// Every value of `values` with every other, in either format: the canonical forms have to be equal exactly where
    /// the server says that the values are, by `equal`, an expression of a and b.
    void compare_pairs(const std::string& values, const std::string& equal) {
        ask("drop table if exists pg_temp.pool", 0);
        ask("create temp table pool(v) as " + values, 0);
        const std::string sql = "select a, b, " + equal + " from (select x.v as a, y.v as b from pool x, pool y) p";
        const Answer text = ask(sql, 0);
        const Answer binary = ask(sql, 1);
        ASSERT_EQ(PQntuples(text.get()), PQntuples(binary.get())) << sql;
        ASSERT_GT(PQntuples(text.get()), 100) << values;
        const auto type = static_cast<std::uint32_t>(PQftype(text.get(), 0));
        int same = 0;
        for (int row = 0; row < PQntuples(text.get()); ++row) {
            Bytes left;
            Bytes right;
            const CanonicalValue a = canonical_value(type, 1, value(binary.get(), row), left, user_types_);
            const CanonicalValue b = canonical_value(type, 0, value(text.get(), row, 1), right, user_types_);
            const bool equal_here = a.value_class == b.value_class && a.bytes == b.bytes;
            ASSERT_EQ(equal_here, value(text.get(), row, 2) == "t")
                << values << "\n" << value(text.get(), row) << "\n" << value(text.get(), row, 1);
            same += equal_here ? 1 : 0;
        }
        EXPECT_GT(same, 0) << values;
        EXPECT_LT(same, PQntuples(text.get())) << values;
    }

    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
    const UserTypes* user_types_ = nullptr;

private:
    static std::string conninfo(const std::string& database) {
        auto& cluster = testing::ThrowawayCluster::shared();
        return database.empty() ? cluster.conninfo() : cluster.conninfo(database);
    }
    static BytesView value(const PGresult* result, int row, int column = 0) {
        return {PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))};
    }
};

}  // namespace understudy::pgwire
