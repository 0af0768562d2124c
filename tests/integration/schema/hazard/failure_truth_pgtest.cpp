#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <string>

#include "schema/hazard/hazard.hpp"
#include "schema/hazard/read_facts.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::schema::hazard {
namespace {

using testing::ThrowawayCluster;

constexpr const char* kSchema = R"(
create type mood as enum ('sad');
create table full_one (id int primary key, m mood);
create table empty_one (id int primary key);
insert into full_one values (1, 'sad'), (2, 'sad');
analyze;
)";

/// Runs as a migration tool does; the first SQLSTATE that is an error, or nothing.
std::string server_says(const std::string& conninfo, const std::vector<ScriptStatement>& script, TransactionMode mode) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo.c_str()), &PQfinish);
    std::string first;
    const auto run = [&](const std::string& sql) {
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
        const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        const char* severity = PQresultErrorField(result.get(), PG_DIAG_SEVERITY_NONLOCALIZED);
        if (first.empty() && state != nullptr && severity != nullptr && std::string(severity) == "ERROR") first = state;
    };
    if (mode == TransactionMode::whole_file) run("begin");
    for (const ScriptStatement& statement : script) run(statement.text);
    if (mode == TransactionMode::whole_file) run("commit");
    return first;
}

struct Case {
    const char* sql;
    TransactionMode mode;
    const char* sqlstate;  ///< nothing: it works
};

constexpr TransactionMode kEach = TransactionMode::each_statement;
constexpr TransactionMode kWhole = TransactionMode::whole_file;

constexpr Case kCases[] = {
    {"create index concurrently i on full_one (m)", kWhole, "25001"},
    {"create index concurrently i on full_one (m)", kEach, ""},
    {"begin; create index concurrently i on full_one (m); commit", kEach, "25001"},
    {"begin; commit; create index concurrently i on full_one (m)", kEach, ""},
    {"create index i on full_one (m); drop index concurrently i", kWhole, "25001"},
    {"reindex table concurrently full_one", kWhole, "25001"},
    {"reindex table full_one", kWhole, ""},
    {"reindex schema public", kWhole, "25001"},
    {"vacuum full_one", kWhole, "25001"},
    {"vacuum full full_one", kWhole, "25001"},
    {"analyze full_one", kWhole, ""},
    {"cluster full_one using full_one_pkey", kWhole, ""},
    {"alter system set work_mem = '4MB'", kWhole, "25001"},
    {"create database never", kWhole, "25001"},
    {"alter type mood add value 'ok'", kWhole, ""},
    {"alter type mood add value 'ok'; update full_one set m = 'ok' where id = 1", kWhole, "55P04"},
    {"alter type mood add value 'ok'; update full_one set m = 'ok' where id = 1", kEach, ""},
    {"begin; alter type mood add value 'ok'; commit; update full_one set m = 'ok' where id = 1", kEach, ""},
    {"alter table full_one add column x int not null", kEach, "23502"},
    {"alter table full_one add column x int not null default 1", kEach, ""},
    {"alter table full_one add column x int not null default null", kEach, "23502"},
    {"alter table full_one add column x serial not null", kEach, ""},
    {"alter table full_one add column x int generated always as identity not null", kEach, ""},
    {"alter table full_one add column x int generated always as (id + 1) stored not null", kEach, ""},
};

TEST(FailureTruth, WhatIsSaidToFailFailsWithThatSqlstateAndNothingElseDoes) {
    ThrowawayCluster& cluster = ThrowawayCluster::shared();
    for (const Case& one : kCases) {
        const std::string conninfo = cluster.conninfo(cluster.create_database("fails"));
        const std::string database = conninfo.substr(conninfo.rfind('=') + 1);
        cluster.psql(kSchema, database);
        const std::vector<ScriptStatement> script = script_of("m.sql", one.sql);
        WantedFacts wanted;
        for (const ScriptStatement& statement : script) {
            if (const auto actions = sql::ddl_effects(statement.text)) add_wanted(*actions, statement.text, wanted);
        }
        SchemaFacts facts;
        {
            auto control = catalog::ControlConnection::open(conninfo);
            ASSERT_TRUE(control) << control.error().message;
            auto read = read_facts(*control, wanted);
            ASSERT_TRUE(read) << read.error().message;
            facts = std::move(*read);
        }
        std::string predicted;
        for (const Hazard& hazard : judge_hazards(script, one.mode, facts, Traffic()).hazards) {
            if (hazard.severity == HazardSeverity::breaks && predicted.empty()) predicted = hazard.sqlstate;
        }
        EXPECT_EQ(predicted, one.sqlstate) << one.sql;
        EXPECT_EQ(server_says(conninfo, script, one.mode), one.sqlstate) << one.sql;
    }
}

TEST(FailureTruth, AnInvalidIndexThatIfNotExistsTakesForDone) {
    ThrowawayCluster& cluster = ThrowawayCluster::shared();
    const std::string database = cluster.create_database("invalid");
    cluster.psql("create table t (a int); insert into t values (1), (1)", database);
    EXPECT_ANY_THROW(cluster.psql("create unique index concurrently i on t (a)", database));
    auto control = catalog::ControlConnection::open(cluster.conninfo(database));
    ASSERT_TRUE(control);
    const auto facts = read_facts(*control, {{"t"}, {}});
    ASSERT_TRUE(facts) << facts.error().message;
    const auto judged = [&](BytesView sql) { return judge_hazards(script_of("m.sql", sql), kEach, *facts, Traffic()); };
    const HazardReport skipped = judged("create unique index concurrently if not exists i on t (a)");
    ASSERT_TRUE(!skipped.hazards.empty());
    EXPECT_EQ(skipped.hazards[0].kind, HazardKind::invalid_index);
    EXPECT_EQ(skipped.hazards[0].severity, HazardSeverity::breaks);
    cluster.psql("create unique index concurrently if not exists i on t (a)", database);
    EXPECT_EQ(cluster.psql("select indisvalid from pg_index where indexrelid = 'i'::regclass", database), "f\n");
    const HazardReport again = judged("create unique index concurrently i on t (a)");
    ASSERT_TRUE(!again.hazards.empty());
    EXPECT_EQ(again.hazards[0].sqlstate, "42P07");
}

}  // namespace
}  // namespace understudy::schema::hazard
