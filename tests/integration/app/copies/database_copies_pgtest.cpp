#include "app/copies/database_copies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "app/copies/copy_tag.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::app {
namespace {

using testing::CommandOutput;
using ::testing::HasSubstr;
using testing::run_command;
using testing::ThrowawayCluster;

std::unique_ptr<PGconn, decltype(&PQfinish)> connect(const std::string& conninfo) {
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo.c_str()), &PQfinish);
    EXPECT_EQ(PQstatus(connection.get()), CONNECTION_OK) << PQerrorMessage(connection.get());
    return connection;
}

class DatabaseCopiesTest : public ::testing::Test {
protected:
    static ThrowawayCluster& cluster() {
        static const std::unique_ptr<ThrowawayCluster> kCluster = [] {
            ThrowawayCluster::Options options;
            options.settings = {"max_prepared_transactions=5", "wal_level=logical"};
            return ThrowawayCluster::start(options);
        }();
        return *kCluster;
    }
    static std::string psql(const std::string& sql, const std::string& database = "postgres") {
        std::string text = cluster().psql(sql, database);
        if (!text.empty() && text.back() == '\n') text.pop_back();
        return text;
    }
    static CommandOutput program(const std::string& arguments) {
        return run_command(UNDERSTUDY_BINARY " " + arguments);
    }

    /// A marked database with a table.
    static std::string marked(const std::string& prefix = "shop") {
        const std::string name = cluster().create_database(prefix);
        EXPECT_EQ(program("target --mark \"" + cluster().conninfo(name) + "\"").exit_code, 0);
        psql("create table item (id int primary key, name text not null); insert into item values (1, 'one')", name);
        return name;
    }
    static Result<DatabaseCopies> open(const std::string& database, bool close_connections = false) {
        CopyOptions options;
        options.production_id_none = true;
        options.close_connections = close_connections;
        return DatabaseCopies::open(cluster().conninfo(database), options);
    }
    static std::string clean(const std::string& more = "") {
        const CommandOutput output = program("clean --target \"" + cluster().conninfo() + "\" " + more);
        EXPECT_EQ(output.exit_code, 0) << output.out;
        return output.out;
    }
    static std::string count(const std::string& condition) {
        return psql("select count(*) from pg_database where " + condition);
    }
    static constexpr const char* kOurs = "datname like 'understudy\\_%'";
};

TEST_F(DatabaseCopiesTest, CarriesOverWhatATemplateCopyLeavesBehind) {
    const std::string source = marked();
    psql("create role keeper; create role lead; create role worker login; create role \"Odd role\"");
    psql("alter database " + source + " owner to keeper; comment on database " + source + " is 'Ann''s copy';" +
         "alter database " + source + " connection limit 17;" + "alter database " + source +
         " set search_path to \"$user\", \"a, b\", public;" + "alter database " + source +
         " set myapp.tenant to 'it''s';" + "alter role worker in database " + source +
         " set statement_timeout to '7s';" + "alter role \"Odd role\" in database " + source +
         " set \"TimeZone\" to 'Europe/Berlin';" + "revoke all on database " + source + " from public;" +
         "grant connect on database " + source +
         " to lead with grant option; set role lead; grant connect on database " + source + " to worker");
    auto copies = open(source);
    ASSERT_TRUE(copies) << copies.error().message;
    const auto copy = copies->create("check", CopyKind::template_copy);
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_TRUE(copy->losses.empty());
    const auto of = [&](const std::string& expression) {
        const auto ask = [&](const std::string& name) {
            return psql("select " + expression + " from pg_database d where datname = '" + name + "'");
        };
        EXPECT_EQ(ask(copy->name), ask(source)) << expression;
        return ask(copy->name);
    };
    EXPECT_EQ(of("pg_get_userbyid(datdba)"), "keeper");
    EXPECT_EQ(of("datconnlimit"), "17");
    EXPECT_EQ(of("datallowconn"), "t");
    EXPECT_THAT(of("(select string_agg(a::text, ',' order by a::text) from unnest(datacl) a)"),
                HasSubstr("worker=c/lead"));
    const std::string settings =
        of("(select string_agg(setrole::regrole::text || ' ' || c, ';' order by setrole::regrole::text, c) from "
           "pg_db_role_setting, unnest(setconfig) c where setdatabase = d.oid)");
    EXPECT_THAT(settings, HasSubstr("search_path=\"$user\", \"a, b\", public"));
    EXPECT_THAT(settings, HasSubstr("understudy.target=staging:"));
    EXPECT_THAT(settings, HasSubstr("worker statement_timeout=7s"));
    EXPECT_EQ(psql("select count(*) from item", copy->name), "1");
    const std::string comment =
        psql("select shobj_description(oid, 'pg_database') from pg_database where datname = '" + copy->name + "'");
    EXPECT_EQ(comment.substr(0, comment.find('\n')), "Ann's copy");
    EXPECT_EQ(tag_of_comment(comment)->source, source);
    // The copy is a target of its own, so it may be replayed into.
    EXPECT_THAT(program("target --show \"" + copy->conninfo + "\"").out, HasSubstr("may run here"));
}

TEST_F(DatabaseCopiesTest, ASchemaOnlyCopyIsEmptyAndTheSourceMayBeInUse) {
    const std::string source = marked();
    psql(
        "create type mood as enum ('a', 'b'); create function f(int) returns int language sql as 'select $1';"
        "alter database " +
            source + " set default_transaction_read_only to on",
        source);
    const auto user = connect(cluster().conninfo(source));
    auto copies = open(source);
    ASSERT_TRUE(copies) << copies.error().message;
    const auto copy = copies->create("check", CopyKind::schema_only);
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ(psql("select count(*) from item", copy->name), "0");
    EXPECT_EQ(psql("select f(2), 'a'::mood", copy->name), "2|a");
    EXPECT_EQ(psql("show default_transaction_read_only", copy->name), "on");
}

TEST_F(DatabaseCopiesTest, ABusySourceIsExplainedAndNothingIsLeft) {
    const std::string source = marked();
    const auto user = connect(cluster().conninfo(source) + " application_name=nightly");
    PQclear(PQexec(user.get(), "begin; select 1"));
    auto copies = open(source);
    ASSERT_TRUE(copies) << copies.error().message;
    const auto copy = copies->create("check", CopyKind::template_copy);
    ASSERT_FALSE(copy);
    EXPECT_EQ(copy.error().code, Errc::refused);
    EXPECT_THAT(copy.error().message,
                HasSubstr("user \"postgres\", application \"nightly\", from 127.0.0.1, since 20"));
    EXPECT_THAT(copy.error().message, HasSubstr("idle in transaction"));
    EXPECT_THAT(copy.error().message, HasSubstr("--close-connections"));
    EXPECT_EQ(count(kOurs), "0");
    EXPECT_EQ(PQtransactionStatus(user.get()), PQTRANS_INTRANS);
}

TEST_F(DatabaseCopiesTest, ClosesConnectionsWhenAskedTo) {
    const std::string source = marked();
    const auto user = connect(cluster().conninfo(source));
    auto copies = open(source, true);
    ASSERT_TRUE(copies) << copies.error().message;
    const auto copy = copies->create("check", CopyKind::template_copy);
    ASSERT_TRUE(copy) << copy.error().message;
    PQclear(PQexec(user.get(), "select 1"));
    EXPECT_EQ(PQstatus(user.get()), CONNECTION_BAD);
}

TEST_F(DatabaseCopiesTest, APreparedTransactionOfTheSourceIsExplained) {
    const std::string source = marked();
    psql("begin; insert into item values (2, 'two'); prepare transaction 'left over'", source);
    auto copies = open(source, true);
    ASSERT_TRUE(copies) << copies.error().message;
    const auto copy = copies->create("check", CopyKind::template_copy);
    ASSERT_FALSE(copy);
    EXPECT_THAT(copy.error().message, HasSubstr("prepared transaction 'left over'"));
    psql("rollback prepared 'left over'", source);
}

TEST_F(DatabaseCopiesTest, DropsWhateverIsGoingOnInTheCopy) {
    const std::string source = marked();
    auto copies = open(source);
    ASSERT_TRUE(copies);
    const auto copy = copies->create("check", CopyKind::template_copy);
    ASSERT_TRUE(copy) << copy.error().message;
    const auto user = connect(copy->conninfo);
    psql("select pg_create_logical_replication_slot('of_the_copy', 'pgoutput')", copy->name);
    psql("begin; insert into item values (2, 'two'); prepare transaction 'in the copy'", copy->name);
    const auto dropped = copies->drop(copy->name);
    EXPECT_TRUE(dropped) << dropped.error().message;
    EXPECT_EQ(count(kOurs), "0");
    EXPECT_EQ(copies->drop(copy->name).error().code, Errc::usage);
    EXPECT_EQ(copies->drop(source).error().code, Errc::usage);
    EXPECT_EQ(count("datname = '" + source + "'"), "1");
}

TEST_F(DatabaseCopiesTest, AResetGivesTheStartStateUnderTheSameName) {
    const std::string source = marked();
    auto copies = open(source);
    ASSERT_TRUE(copies);
    const auto copy = copies->create("baseline", CopyKind::template_copy);
    ASSERT_TRUE(copy) << copy.error().message;
    psql("drop table item", copy->name);
    const auto again = copies->reset(copy->name);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->name, copy->name);
    EXPECT_EQ(psql("select count(*) from item", copy->name), "1");
}

TEST_F(DatabaseCopiesTest, GoesOnAfterTheServerCrashed) {
    const std::string source = marked();
    auto copies = open(source);
    ASSERT_TRUE(copies);
    const auto copy = copies->create("check", CopyKind::template_copy);
    ASSERT_TRUE(copy) << copy.error().message;
    psql(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = "
        "'client backend'");
    const auto again = copies->reset(copy->name);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_THAT(clean(), HasSubstr("in use by a running understudy"));
}

TEST_F(DatabaseCopiesTest, WhatIsNotMarkedIsNotCopied) {
    const std::string source = cluster().create_database("plain");
    const auto copies = open(source);
    ASSERT_FALSE(copies);
    EXPECT_EQ(copies.error().code, Errc::refused);
    EXPECT_THAT(copies.error().message, HasSubstr("not marked"));
}

TEST_F(DatabaseCopiesTest, AnOwnerWithoutMoreRightsKeepsTheMarkAndIsToldWhatIsLost) {
    const std::string source = marked();
    psql("create role owning login createdb; alter database " + source +
             " owner to owning; alter role owning in database " + source +
             " set work_mem to '8MB'; grant execute on function pg_control_system() to owning; alter table item owner "
             "to owning",
         source);
    psql("grant execute on function pg_control_system() to owning");
    CopyOptions options;
    options.production_id_none = true;
    auto copies = DatabaseCopies::open(cluster().conninfo(source) + " user=owning", options);
    ASSERT_TRUE(copies) << copies.error().message;
    const auto copy = copies->create("check", CopyKind::template_copy);
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_THAT(program("target --show \"" + copy->conninfo + "\"").out, HasSubstr("may run here"));
}

TEST_F(DatabaseCopiesTest, CleanDropsWhatAKilledRunLeftAndNothingElse) {
    const std::string source = marked();
    // Foreign ones with names like ours, and one of ours whose maker lives.
    psql("create database understudy_check_00000000000000aa");
    psql("create database understudy_notes");
    psql("create database understudy_check_00000000000000bb allow_connections false connection limit 5");
    auto copies = open(source);
    ASSERT_TRUE(copies);
    const auto living = copies->create("check", CopyKind::template_copy);
    ASSERT_TRUE(living) << living.error().message;
    // A run that was killed when its copy was done, and one that was killed while it was being made.
    const std::string left = to_text(CopyName{"check", 0xcc});
    CopyTag tag;
    tag.created = Timestamp::from_ns(1'700'000'000'000'000'000);
    tag.purpose = "check";
    tag.source = source;
    psql("create database " + left);
    psql("comment on database " + left + " is '" + comment_with_tag("", tag) + "'");
    const std::string unfinished = to_text(CopyName{"check", 0xdd});
    psql("create database " + unfinished + " allow_connections false connection limit " +
         std::to_string(unfinished_limit(unfinished)));

    EXPECT_THAT(clean("--dry-run"), HasSubstr("2 scratch databases would be dropped, 3 kept"));
    EXPECT_EQ(count("datname in ('" + left + "', '" + unfinished + "')"), "2");
    EXPECT_THAT(clean("--older-than 200000h"), HasSubstr("younger than --older-than"));
    EXPECT_EQ(count("datname = '" + left + "'"), "1");
    const std::string said = clean();
    EXPECT_THAT(said, HasSubstr("dropped  " + left + "  of \"" + source + "\""));
    EXPECT_THAT(said, HasSubstr("1 scratch databases dropped, 3 kept"));  // the unfinished one went before
    EXPECT_THAT(said, HasSubstr("in use by a running understudy"));
    EXPECT_EQ(count("datname in ('understudy_check_00000000000000aa', 'understudy_check_00000000000000bb', "
                    "'understudy_notes', '" +
                    source + "', '" + living->name + "')"),
              "5");
    psql("drop database understudy_check_00000000000000aa");
    psql("drop database understudy_check_00000000000000bb");
    psql("drop database understudy_notes");
}

TEST_F(DatabaseCopiesTest, AStopEndsALongCreationAndLeavesNothing) {
    const std::string source = marked();
    psql("create table big as select g, repeat('x', 500) as filler from generate_series(1, 400000) g", source);
    std::atomic<bool> stopped = false;
    CopyOptions options;
    options.production_id_none = true;
    options.stop = [&] { return stopped.load(); };
    auto copies = DatabaseCopies::open(cluster().conninfo(source), options);
    ASSERT_TRUE(copies);
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        stopped = true;
    });
    const auto copy = copies->create("check", CopyKind::template_copy);
    later.join();
    if (!copy) {
        EXPECT_EQ(copy.error().message, "stopped");
    }
    copies = open(source);  // the old one drops what it has
    EXPECT_EQ(count(kOurs), "0");
}

TEST_F(DatabaseCopiesTest, AMissingPgDumpIsExplained) {
    const std::string source = marked();
    CopyOptions options;
    options.production_id_none = true;
    options.postgres_bin = "/nowhere";
    auto copies = DatabaseCopies::open(cluster().conninfo(source), options);
    ASSERT_TRUE(copies);
    const auto copy = copies->create("check", CopyKind::schema_only);
    ASSERT_FALSE(copy);
    EXPECT_THAT(copy.error().message, HasSubstr("pg_dump and psql were not found in /nowhere"));
    EXPECT_EQ(count(kOurs), "0");
}

}  // namespace
}  // namespace understudy::app
