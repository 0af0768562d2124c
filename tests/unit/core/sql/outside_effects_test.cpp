#include "core/sql/outside_effects.hpp"

#include <gtest/gtest.h>

#include "core/sql/statement_traits.hpp"

namespace understudy::sql {
namespace {

using Names = std::vector<Bytes>;

struct Case {
    BytesView sql;
    BytesView effect;
};

constexpr Case kStatements[] = {
    {"copy t from program 'x'", "COPY PROGRAM"},
    {"copy (select 1) to program 'x'", "COPY PROGRAM"},
    {"copy t from '/tmp/x'", "COPY FILE"},
    {"copy t to '/tmp/stdout'", "COPY FILE"},
    {"alter system set a = 1", "ALTER SYSTEM"},
    {"ALTER /* x */ SYSTEM RESET ALL", "ALTER SYSTEM"},
    {"create subscription s connection 'c' publication p", "CREATE SUBSCRIPTION"},
    {"alter subscription s disable", "ALTER SUBSCRIPTION"},
    {"alter subscription s rename to t", "ALTER SUBSCRIPTION"},
    {"drop subscription s", "DROP SUBSCRIPTION"},
    {"create server s foreign data wrapper f", "CREATE SERVER"},
    {"alter server s options (add a 'b')", "ALTER SERVER"},
    {"drop server s", "DROP SERVER"},
    {"create foreign data wrapper f", "CREATE FOREIGN DATA WRAPPER"},
    {"create user mapping for u server s", "CREATE USER MAPPING"},
    {"import foreign schema a from server s into b", "IMPORT FOREIGN SCHEMA"},
    {"create extension dblink", "CREATE EXTENSION"},
    {"create language plpython3u", "CREATE EXTENSION"},
    {"load 'auto_explain'", "LOAD"},
    {"create database d", "CREATE DATABASE"},
    {"drop database d", "DROP DATABASE"},
    {"alter database d set a = 1", "ALTER DATABASE"},
    {"alter database d rename to e", "ALTER DATABASE"},
    {"alter database d owner to e", "ALTER DATABASE"},
    {"create tablespace s location '/x'", "CREATE TABLESPACE"},
    {"drop tablespace s", "DROP TABLESPACE"},
    {"alter role r superuser", "ALTER ROLE"},
    {"alter user r set a = 1", "ALTER ROLE"},
    {"create role r", "CREATE ROLE"},
    {"create user r", "CREATE ROLE"},
    {"create group r", "CREATE ROLE"},
    {"drop user r", "DROP ROLE"},
    {"drop role r", "DROP ROLE"},
    {"grant a to b", "GRANT ROLE"},
    {"revoke a from b", "GRANT ROLE"},
    {"checkpoint", "CHECKPOINT"},
};

constexpr BytesView kCalls[] = {
    "pg_terminate_backend(1)",
    "pg_cancel_backend(1)",
    "pg_reload_conf()",
    "pg_rotate_logfile()",
    "pg_switch_wal()",
    "pg_promote()",
    "pg_create_restore_point('a')",
    "pg_start_backup('a')",
    "pg_stop_backup()",
    "pg_backup_start('a')",
    "pg_backup_stop()",
    "lo_import('a')",
    "lo_export(1, 'a')",
    "pg_read_file('a')",
    "pg_read_binary_file('a')",
    "pg_ls_dir('a')",
    "pg_stat_file('a')",
    "pg_file_write('a', 'b', true)",
    "dblink('a', 'b')",
    "dblink_exec('a')",
    "pg_logical_emit_message(true, 'a', 'b')",
    "pg_create_logical_replication_slot('a', 'b')",
    "pg_create_physical_replication_slot('a')",
    "pg_drop_replication_slot('a')",
    "pg_replication_origin_create('a')",
    "http_get('a')",
    "http_post('a')",
    "http('a')",
    "pg_logical_slot_get_changes('a', null, null)",
    "pg_wal_replay_pause()",
    "pg_copy_logical_replication_slot('a', 'b')",
};

TEST(OutsideEffects, EachStatementHasItsName) {
    for (const Case& c : kStatements) {
        const StatementTraits found = traits(c.sql);
        EXPECT_TRUE(found.parsed) << c.sql;
        EXPECT_EQ(found.outside_effects, Names{Bytes(c.effect)}) << c.sql;
        EXPECT_TRUE(may_have_outside_effects(c.sql)) << c.sql;
        EXPECT_TRUE(may_have_outside_effects("select 1;/**/" + Bytes(c.sql) + ";select 2")) << c.sql;
    }
}

TEST(OutsideEffects, EachFunctionHasItsName) {
    for (const BytesView call : kCalls) {
        const Bytes name(call.substr(0, call.find('(')));
        for (const Bytes& sql : {"select " + Bytes(call), "SELECT a FROM t WHERE pg_catalog." + Bytes(call),
                                 "with x as (select * from " + Bytes(call) + " y) select 1", "call " + Bytes(call),
                                 "copy (select " + Bytes(call) + ") to stdout", "values ('a'," + Bytes(call) + ")",
                                 "select \"" + name + "\"()", "prepare p as select " + Bytes(call)}) {
            EXPECT_EQ(traits(sql).outside_effects, Names{name}) << sql;
            EXPECT_TRUE(may_have_outside_effects(sql)) << sql;
        }
    }
}

TEST(OutsideEffects, SchemasOfExtensionsThatActOutside) {
    for (const BytesView name : {"cron.schedule", "net.http_delete", "aws_lambda.invoke"}) {
        const Bytes sql = "select " + Bytes(name) + "('a')";
        ASSERT_EQ(traits(sql).outside_effects.size(), 1U) << sql;
        EXPECT_TRUE(may_have_outside_effects(sql));
    }
    EXPECT_EQ(traits("select cron.schedule('a')").outside_effects, Names{"cron.schedule"});
}

TEST(OutsideEffects, OrdinaryStatementsHaveNone) {
    for (const BytesView sql :
         {"select 1", "copy t from stdin", "copy t to stdout", "select pg_notify('a', 'b')", "notify a",
          "grant select on t to u", "alter table t rename to u", "drop table t", "create index on t (a)",
          "select 'alter system'", "insert into t values ('pg_terminate_backend') on conflict do nothing", "set role r",
          "vacuum t", "select pg_terminate_backend from t", "do $$ begin perform 1; end $$",
          "alter role_table add a int"}) {
        EXPECT_TRUE(traits(sql).outside_effects.empty()) << sql;
    }
    for (const BytesView sql : {"select 1", "select * from users where name = 'x'", "update server set alt = 1",
                                "insert into t (a) values ($1) returning id", "begin", "select pg_sleep(1)"}) {
        EXPECT_FALSE(may_have_outside_effects(sql)) << sql;
    }
}

TEST(OutsideEffects, BodiesAndTextAreSearched) {
    EXPECT_EQ(
        traits("do $$ begin perform pg_terminate_backend(1); execute 'alter system reset all'; end $$").outside_effects,
        (Names{"ALTER SYSTEM", "pg_terminate_backend"}));
    EXPECT_EQ(traits("do $$ begin copy t from program 'x'; copy t to '/x'; create role r; end $$").outside_effects,
              (Names{"COPY FILE", "COPY PROGRAM", "CREATE ROLE"}));
    EXPECT_EQ(traits("select query_to_xml('select pg_reload_conf()', true, true, '')").outside_effects,
              Names{"pg_reload_conf"});
    EXPECT_TRUE(may_have_outside_effects("do $$ begin end $$"));
    EXPECT_TRUE(may_have_outside_effects("select ts_stat('a')"));
    EXPECT_TRUE(may_have_outside_effects("execute p"));
}

TEST(OutsideEffects, HiddenNamesAreSeen) {
    const BytesView escaped = "select U&\"\\0070g_terminate_backend\"(1)";
    EXPECT_EQ(traits(escaped).outside_effects, Names{"pg_terminate_backend"});
    EXPECT_TRUE(may_have_outside_effects(escaped));
    EXPECT_TRUE(may_have_outside_effects("select $a$x$a$,pg_Terminate_Backend(1)"));
    EXPECT_TRUE(may_have_outside_effects("select $$x$$pg_terminate_backend(1)"));
}

TEST(OutsideEffects, NewerSyntaxIsJudgedByItsTokens) {
    const auto effects = [](BytesView sql) {
        const StatementTraits found = traits(sql);
        EXPECT_FALSE(found.parsed) << sql;
        EXPECT_FALSE(found.read_only);
        EXPECT_TRUE(found.outside_effects.empty() || may_have_outside_effects(sql)) << sql;
        return found.outside_effects;
    };
    EXPECT_EQ(effects("copy t from program 'x' (on_error ignore) bogus"), Names{"COPY PROGRAM"});
    EXPECT_EQ(effects("copy t from 'stdin' bogus"), Names{"COPY FILE"});
    EXPECT_EQ(effects("copy t from stdin bogus"), Names{});
    EXPECT_EQ(effects("select json_array(pg_terminate_backend(1) returning jsonb)"), Names{"pg_terminate_backend"});
    EXPECT_EQ(effects("select json_array('pg_terminate_backend' returning jsonb)"), Names{});
    EXPECT_EQ(effects("create database d bogus ("), Names{"CREATE DATABASE"});
    EXPECT_EQ(effects("grant a to b bogus ("), Names{"GRANT ROLE"});
    EXPECT_EQ(effects("grant select on a to b bogus ("), Names{});
    EXPECT_EQ(effects("select 1 bogus bogus; checkpoint ;"), Names{"CHECKPOINT"});
    EXPECT_EQ(effects("import foreign schema bogus"), Names{"IMPORT FOREIGN SCHEMA"});
    EXPECT_EQ(effects("load 'x' bogus"), Names{"LOAD"});
    EXPECT_EQ(effects("create foreign data wrapper bogus ("), Names{"CREATE FOREIGN DATA WRAPPER"});
    EXPECT_EQ(effects("drop user mapping bogus ("), (Names{"DROP ROLE", "DROP USER MAPPING"}));
}

}  // namespace
}  // namespace understudy::sql
