#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "core/catalog/catalog_codec.hpp"
#include "core/catalog/read_catalog.hpp"
#include "tests/integration/schema/check/check_fixture.hpp"

// What a session's state has to do with its statements; coverage; speed.
namespace understudy::schema {
namespace {

class CheckSessions : public CheckTest {
protected:
    CaptureScript script_{directory_.file("sessions.pgcap")};
};

TEST_F(CheckSessions, ChecksUnderTheRecordedSearchPath) {
    for (const std::string& database : {baseline_, candidate_}) {
        cluster().psql(
            "create schema a; create schema \"B c\"; create table a.t (x int); create table \"B c\".u (y "
            "int)",
            database);
    }
    migrate("alter table \"B c\".u drop column y");
    script_.open("app", {{"options", "-c search_path=a"}});
    script_.query("select x from t");
    script_.query("set search_path to a, \"B c\"");
    script_.query("select x, y from t, u");
    const CheckReport report = check(script_);
    EXPECT_EQ(report.checked, 2U);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].sqlstate, "42703");
    EXPECT_TRUE(report.findings[0].example.starts_with("SELECT set_config('search_path', 'a, \"B c\"', false);\n"));
    EXPECT_NO_THROW(cluster().psql(report.findings[0].example, baseline_));
    EXPECT_THROW(cluster().psql(report.findings[0].example, candidate_), std::runtime_error);
}

TEST_F(CheckSessions, UsesTheSearchPathThatEachServerGivesTheRole) {
    cluster().psql("drop role if exists reporter; create role reporter");
    for (const std::string& database : {baseline_, candidate_}) {
        cluster().psql(
            "create schema reporter; create table reporter.mine (x int); create schema extra;"
            "create table extra.more (y int); grant usage on schema reporter, extra to reporter;"
            "grant select on reporter.mine, extra.more to reporter; alter database " +
                database + " set search_path = '$user', public, extra",
            database);
    }
    script_.open("reporter");
    script_.query("select x from mine");
    script_.query("select y from more");
    const std::string path = script_.finish();
    EXPECT_EQ(check(collect(path)).verdict, Verdict::passed);
    cluster().psql("alter role reporter in database " + candidate_ + " set search_path = reporter");
    const CheckReport report = check(collect(path));
    ASSERT_EQ(report.findings.size(), 1U) << "a setting of the role can break a statement, too";
    EXPECT_EQ(report.findings[0].message, "relation \"more\" does not exist");
}

TEST_F(CheckSessions, KnowsDeclaredUserTypesByName) {
    const auto catalog = catalog::read_catalog(cluster().conninfo(baseline_)).value();
    const auto mood =
        std::find_if(catalog.types.begin(), catalog.types.end(), [](const auto& t) { return t.name == "mood"; });
    ASSERT_NE(mood, catalog.types.end());
    script_.add(CatalogRecord{kStart, "shop", catalog::encode(catalog)});
    script_.open("app");
    script_.extended("select $1 = feeling from customer", {mood->oid});
    const CheckReport report = check(script_);
    EXPECT_EQ(report.verdict, Verdict::passed) << to_text(report);
    EXPECT_EQ(report.checked, 1U);
}

TEST_F(CheckSessions, CountsWhatFailsOnBothUnlessItWasRecordedSo) {
    script_.open("app");
    script_.query("create temp table scratch (a int)");
    script_.query("select a from scratch");  // which is made for it
    script_.query("select a from nowhere");
    const std::uint32_t wrong = script_.next_ordinal();
    script_.query("select wrong from customer");
    script_.add(failed(script_.session(), wrong, 0, "42703"));
    script_.query("select id from customer");
    const CheckReport report = check(script_);
    EXPECT_EQ(report.checked, 4U);
    EXPECT_EQ(report.failed_alike, 1U);
    EXPECT_EQ(report.not_checked, (Reasons{{"fails_on_both", 1}}));
    EXPECT_EQ(report.verdict, Verdict::inconclusive);
}

TEST_F(CheckSessions, ExecutesNothing) {
    script_.open("app");
    script_.query("insert into customer (name) values ('new') returning id");
    script_.query("select nextval('customer_id_seq')");
    script_.query("truncate orders");
    script_.query("create table made as select 1 as a");
    script_.query("explain analyze delete from customer");
    cluster().psql("insert into customer (name) values ('kept'); insert into orders (id) values (1)", candidate_);
    const CheckReport report = check(script_);
    EXPECT_EQ(report.checked, 5U) << to_text(report);
    EXPECT_EQ(report.verdict, Verdict::passed);
    EXPECT_EQ(cluster().psql("select (select count(*) from customer), (select count(*) from orders),"
                             "(select last_value from customer_id_seq), to_regclass('made') is null",
                             candidate_),
              "1|1|1|t\n");
}

TEST_F(CheckSessions, DoesNotWaitForALock) {
    script_.open("app");
    script_.query("select note from orders");
    script_.query("select id from customer");
    const std::string holder =
        fmt::format("psql -qX '{}' -c 'begin; lock table orders; select pg_sleep(20)' >/dev/null 2>&1 & echo $!",
                    cluster().conninfo(candidate_));
    const std::string pid = testing::run_command(holder).out;
    const std::string waiting =
        "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = "
        "'orders'::regclass";
    while (cluster().psql(waiting, candidate_) != "1\n") testing::run_command("sleep 0.05");
    const CheckReport report = check(script_);
    testing::run_command("kill " + pid);
    EXPECT_EQ(report.checked, 1U);
    EXPECT_EQ(report.not_checked, (Reasons{{"server_trouble", 1}}));
}

TEST_F(CheckSessions, AsksAboutTenThousandStatementsAtOnce) {
    constexpr int kStatements = 10'000;
    script_.open("app");
    for (int i = 0; i < kStatements; ++i) {
        script_.extended(
            fmt::format("select c.id, c.name, o.total from customer c join orders o on o.customer = c.id "
                        "where c.code = $1 and o.note like '%x%' and o.id in (select o{0}.id from orders o{0})",
                        i));
    }
    const RecordedStatements recorded = collect(script_.finish());
    ASSERT_EQ(recorded.statements.size(), static_cast<std::size_t>(kStatements));
    migrate("alter table orders alter total type text using total::text");
    const auto start = std::chrono::steady_clock::now();
    const CheckReport report = check(recorded);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%d distinct statements in %.2f s\n", kStatements, seconds.count());
    EXPECT_EQ(report.checked, static_cast<std::uint64_t>(kStatements));
    EXPECT_EQ(report.findings.size(), static_cast<std::size_t>(kStatements)) << "every one has a column retyped";
}

}  // namespace
}  // namespace understudy::schema
