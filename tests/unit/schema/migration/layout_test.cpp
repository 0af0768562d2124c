#include "schema/migration/layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

MigrationSet read(std::vector<SourceFile> files, std::optional<Layout> layout = std::nullopt) {
    auto set = read_layout(std::move(files), layout);
    EXPECT_TRUE(set) << (set ? "" : set.error().message);
    return set ? std::move(*set) : MigrationSet();
}

std::string error_of(std::vector<SourceFile> files, std::optional<Layout> layout = std::nullopt) {
    const auto set = read_layout(std::move(files), layout);
    return set ? "no error" : set.error().message;
}

std::vector<std::string> versions(const MigrationSet& set) {
    std::vector<std::string> all;
    for (const Migration& migration : set.migrations) all.push_back(migration.version);
    return all;
}

std::vector<Bytes> texts(const Script& script) {
    std::vector<Bytes> all;
    for (const ScriptStatement& statement : script.statements) all.push_back(statement.text);
    return all;
}

TEST(GolangMigrateLayout, OrdersByNumberAndPairsDirections) {
    const MigrationSet set = read({{"10_late.up.sql", "create table late ()"},
                                   {"10_late.down.sql", "drop table late"},
                                   {"9_early.up.sql", "-- first\ncreate table early ();\ncreate index on early ((1))"},
                                   {"README.md", "how to"}});
    EXPECT_EQ(set.layout, Layout::golang_migrate);
    EXPECT_THAT(set.detected, HasSubstr("golang-migrate"));
    EXPECT_THAT(versions(set), ElementsAre("9", "10"));
    EXPECT_FALSE(set.migrations[0].down);
    EXPECT_EQ(set.migrations[0].declared_irreversible, "");
    EXPECT_EQ(set.migrations[0].up_mode, RunMode::one_batch);
    EXPECT_EQ(set.migrations[0].up.statements[0].line, 2U);
    EXPECT_EQ(set.migrations[0].up.statements[1].line, 3U);
    EXPECT_EQ(set.migrations[1].name, "late");
    EXPECT_THAT(texts(*set.migrations[1].down), ElementsAre("drop table late"));
    EXPECT_THAT(set.ignored, ElementsAre(IgnoredFile{"README.md", "not named N_name.up.sql or N_name.down.sql"}));
}

TEST(GolangMigrateLayout, RefusesAVersionTwice) {
    EXPECT_THAT(error_of({{"1_a.up.sql", "select 1"}, {"01_b.up.sql", "select 1"}}), HasSubstr("same version"));
}

TEST(GolangMigrateLayout, AnEmptyDownWithAReasonIsDeclared) {
    const MigrationSet set = read({{"1_a.up.sql", "drop table t"}, {"1_a.down.sql", "-- irreversible: t is gone\n"}});
    EXPECT_FALSE(set.migrations[0].down);
    EXPECT_EQ(set.migrations[0].declared_irreversible, "1_a.down.sql:1: -- irreversible: t is gone");
}

TEST(GolangMigrateLayout, WarnsOfConcurrentlyInABatch) {
    const MigrationSet set = read({{"1_a.up.sql", "create index concurrently i on t (a); select 1"},
                                   {"2_b.up.sql", "create index concurrently i on t (a)"}});
    EXPECT_THAT(set.warnings, ElementsAre(HasSubstr("1_a.up.sql:1: PostgreSQL refuses")));
}

TEST(FlywayLayout, VersionsPartsRepeatablesAndSettings) {
    const MigrationSet set = read({{"V1__init.sql", "create table a (); create table b ()"},
                                   {"V1_10__ten.sql", "create table d ()"},
                                   {"sub/V1.9__nine.sql", "create index concurrently i on a ((1))"},
                                   {"V002.0__two.sql", "vacuum; select 1"},
                                   {"V002.0__two.sql.conf", "# why\nexecuteInTransaction=false\n"},
                                   {"U1.10__ten.sql", "drop table d"},
                                   {"R__view_of_a.sql", "create or replace view v as select 1"},
                                   {"B3__base.sql", "select 1"},
                                   {"afterMigrate.sql", "select 1"}});
    EXPECT_EQ(set.layout, Layout::flyway);
    EXPECT_THAT(versions(set), ElementsAre("1", "1.9", "1.10", "2", "R view of a"));
    EXPECT_EQ(set.migrations[0].up_mode, RunMode::transaction);
    EXPECT_EQ(set.migrations[1].up_mode, RunMode::statements) << "no statement can run in a transaction";
    EXPECT_EQ(set.migrations[3].up_mode, RunMode::statements) << "said in its .conf";
    EXPECT_TRUE(set.migrations[2].down);
    EXPECT_TRUE(set.migrations[4].repeatable);
    EXPECT_THAT(set.ignored, SizeIs(2));
    EXPECT_THAT(set.warnings, IsEmpty());
}

TEST(FlywayLayout, MixturesAndPlaceholders) {
    const MigrationSet set = read({{"V1__x.sql", "create index concurrently i on t (a); create table u ()"}});
    EXPECT_THAT(set.warnings, ElementsAre(HasSubstr("mixed")));
    EXPECT_THAT(error_of({{"V1__x.sql", "select 1;\ncreate table ${name} ()"}}),
                HasSubstr("V1__x.sql:2: a placeholder"));
    EXPECT_THAT(error_of({{"V1__x.sql", "select 1"}, {"U2__y.sql", "select 1"}}), HasSubstr("undoes version 2"));
}

TEST(SqitchLayout, FollowsThePlanWithReworksAndDependencies) {
    const MigrationSet set =
        read({{"sqitch.plan",
               "%syntax-version=1.0.0\n%project=shop\n\nusers 2026-01-01T00:00:00Z Ann <a@x> # first\n"
               "orders [users] 2026-01-02T00:00:00Z Ann <a@x>\n@v1 2026-01-03T00:00:00Z Ann <a@x> # tag\n"
               "users [users@v1 orders] 2026-01-04T00:00:00Z Ann <a@x>\n"},
              {"deploy/users.sql", "BEGIN;\nalter table users add x int;\nCOMMIT;"},
              {"deploy/users@v1.sql", "BEGIN; create table users (); COMMIT;"},
              {"deploy/orders.sql", "create table orders ()"},
              {"revert/orders.sql", "drop table orders"},
              {"verify/orders.sql", "select from orders where false"},
              {"sqitch.conf", "[core]\n\tengine = pg\n"},
              {"deploy/old.sql", "select 1"}});
    EXPECT_EQ(set.layout, Layout::sqitch);
    EXPECT_THAT(versions(set), ElementsAre("users@v1", "orders", "users"));
    EXPECT_EQ(set.migrations[2].up.statements[1].line, 2U);
    EXPECT_TRUE(set.migrations[1].verify);
    EXPECT_EQ(set.migrations[1].up_mode, RunMode::statements);
    EXPECT_THAT(set.ignored, ElementsAre(IgnoredFile{"deploy/old.sql", "no change of the plan uses it"}));
    EXPECT_THAT(error_of({{"sqitch.plan", "a [b] 2026 x <y>\n"}, {"deploy/a.sql", "select 1"}}),
                HasSubstr("sqitch.plan:1: a needs b"));
    EXPECT_THAT(error_of({{"sqitch.plan", "a 2026 x <y>\n"}}), HasSubstr("no deploy/a.sql"));
}

TEST(DbmateLayout, SectionsAndOptions) {
    const MigrationSet set =
        read({{"20260101_a.sql", "-- migrate:up\ncreate table a ();\n\n-- migrate:down\ndrop table a;\n"},
              {"20260102_b.sql",
               "-- migrate:up transaction:false\ncreate index concurrently i on a ((1));\n"
               "-- migrate:down\n"}});
    EXPECT_EQ(set.layout, Layout::dbmate);
    EXPECT_EQ(set.migrations[0].up_mode, RunMode::transaction_batch);
    EXPECT_EQ(set.migrations[0].down->statements[0].line, 5U);
    EXPECT_EQ(set.migrations[1].up_mode, RunMode::one_batch);
    EXPECT_FALSE(set.migrations[1].down) << "no statement in it";
}

TEST(GooseLayout, BlocksAreOneStatement) {
    const MigrationSet set = read({{"00001_f.sql",
                                    "-- +goose Up\ncreate table t (a int);\n-- +goose StatementBegin\n"
                                    "create function f() returns int language plpgsql as 'begin\n return 1;\nend';\n"
                                    "-- +goose StatementEnd\ncreate table u ();\n-- +goose Down\ndrop table u;\n"},
                                   {"00002_g.sql",
                                    "-- +goose NO TRANSACTION\n-- +goose Up\ncreate function g() returns int language "
                                    "plpgsql as $$begin\n return 1;\nend$$;\n"}});
    EXPECT_EQ(set.layout, Layout::goose);
    EXPECT_EQ(set.migrations[0].up_mode, RunMode::transaction);
    ASSERT_THAT(set.migrations[0].up.statements, SizeIs(3));
    EXPECT_EQ(set.migrations[0].up.statements[1].line, 4U);
    EXPECT_THAT(set.migrations[0].up.statements[1].text, HasSubstr("return 1;\nend';"));
    EXPECT_EQ(set.migrations[0].up.statements[2].line, 8U);
    EXPECT_EQ(set.migrations[1].up_mode, RunMode::statements);
    EXPECT_THAT(set.warnings, ElementsAre(HasSubstr("00002_g.sql:3: goose would cut")));
    EXPECT_THAT(error_of({{"1_a.sql", "-- +goose Up\nselect 1"}, {"2_b.go", ""}}), HasSubstr("written in Go"));
    EXPECT_THAT(error_of({{"1_a.sql", "-- +goose Up\n-- +goose StatementBegin\nselect 1"}}), HasSubstr("1_a.sql:2"));
}

TEST(SqlMigrateLayout, WholeNameIsTheVersion) {
    const MigrationSet set = read({{"10-b.sql", "-- +migrate Up notransaction\nselect 1;\n-- +migrate Down\nselect 2;"},
                                   {"9-a.sql", "-- +migrate Up\nselect 1;\n"}});
    EXPECT_EQ(set.layout, Layout::sql_migrate);
    EXPECT_THAT(versions(set), ElementsAre("9-a.sql", "10-b.sql"));
    EXPECT_EQ(set.migrations[1].up_mode, RunMode::statements);
    EXPECT_EQ(set.migrations[1].down_mode, RunMode::transaction);
}

TEST(DieselLayout, FoldersWithMetadata) {
    const MigrationSet set = read({{"2026-01-02-000000_b/up.sql", "create index concurrently i on t (a)"},
                                   {"2026-01-02-000000_b/metadata.toml", "run_in_transaction = false # needed\n"},
                                   {"2026-01-01-000000_a/up.sql", "create table t (a int)"},
                                   {"2026-01-01-000000_a/down.sql", "drop table t"}});
    EXPECT_EQ(set.layout, Layout::diesel);
    EXPECT_THAT(versions(set), ElementsAre("20260101000000", "20260102000000"));
    EXPECT_EQ(set.migrations[0].up_mode, RunMode::transaction_batch);
    EXPECT_EQ(set.migrations[1].up_mode, RunMode::one_batch);
}

TEST(LiquibaseLayout, ChangesetsWithRollbacks) {
    const MigrationSet set =
        read({{"01.sql",
               "--liquibase formatted sql\n\n--changeset ann:1\ncreate table a ();\ncreate table b ();\n"
               "--rollback drop table b;\n--rollback drop table a;\n"
               "-- changeset ann:2 runInTransaction:false splitStatements:false labels:\"x y\"\n"
               "select 1; select 2\n/* liquibase rollback\nselect 3;\n*/\n"
               "--changeset ann:3 dbms:mysql\nselect broken from nowhere\n"
               "--changeset ann:4\ndelete from a;\n--rollback not required\n"}});
    EXPECT_EQ(set.layout, Layout::liquibase);
    EXPECT_THAT(versions(set), ElementsAre("ann:1", "ann:2", "ann:4"));
    EXPECT_THAT(texts(set.migrations[0].up), ElementsAre("create table a ()", HasSubstr("create table b ()")));
    EXPECT_THAT(texts(*set.migrations[0].down), ElementsAre("drop table b", "drop table a"));
    EXPECT_EQ(set.migrations[0].down->statements[1].line, 7U);
    EXPECT_THAT(set.migrations[1].up.statements, SizeIs(1));
    EXPECT_EQ(set.migrations[1].up_mode, RunMode::statements);
    EXPECT_EQ(set.migrations[1].down->statements[0].line, 11U);
    EXPECT_THAT(set.migrations[2].declared_irreversible, HasSubstr("--rollback"));
    EXPECT_THAT(set.ignored, ElementsAre(IgnoredFile{"01.sql:13", "changeset ann:3 is for mysql"}));
}

TEST(PlainLayout, PairsByName) {
    const MigrationSet set = read({{"b.sql", "select 2"}, {"a.sql", "select 1"}, {"a.rollback.sql", "select 0"}});
    EXPECT_EQ(set.layout, Layout::plain);
    EXPECT_THAT(versions(set), ElementsAre("a", "b"));
    EXPECT_EQ(set.migrations[0].up_mode, RunMode::statements);
    EXPECT_TRUE(set.migrations[0].down);
    EXPECT_THAT(error_of({{"a.down.sql", "select 1"}}), HasSubstr("no a.sql is there"));
}

TEST(Layout, TwoAtOnceMustBeNamed) {
    const std::vector<SourceFile> files = {{"1_a.up.sql", "select 1"}, {"V1__b.sql", "select 1"}};
    EXPECT_THAT(error_of(files), HasSubstr("name it with --layout"));
    EXPECT_THAT(read(files, Layout::flyway).ignored, SizeIs(1));
    EXPECT_THAT(error_of({{"notes.txt", ""}}), HasSubstr("--migrate-command"));
}

TEST(Script, RefusesWhatOnlyPsqlCanDo) {
    const auto message = [](BytesView text) {
        const auto script = make_script("m.sql", text);
        return script ? std::string("read") : script.error().message;
    };
    EXPECT_THAT(message("select 1;\n\\i other.sql\n"), HasSubstr("m.sql:2: \\i is a command of psql"));
    EXPECT_THAT(message("\\set x 1"), HasSubstr("\\set"));
    EXPECT_THAT(message("select :'name'"), HasSubstr("variable of psql"));
    EXPECT_THAT(message("create table :tab ()"), HasSubstr(":tab"));
    EXPECT_THAT(message("COPY t FROM stdin;\n1\n\\.\n"), HasSubstr("COPY"));
    EXPECT_THAT(message(BytesView("a\0b", 3)), HasSubstr("zero byte"));
    EXPECT_EQ(message("select a[1:n], x::int, '\\i', $$ \\copy :x $$ -- \\i\n"), "read");
    EXPECT_EQ(message("copy t from '/tmp/x'"), "read");
}

TEST(Script, FindsTheStatementOfAPosition) {
    const auto script = make_script("m.sql", "select 'é';\nselect 2; select 3");
    ASSERT_TRUE(script);
    EXPECT_EQ(statement_at(*script, 1), 0U);
    EXPECT_EQ(statement_at(*script, 13), 1U) << "characters, not bytes";
    EXPECT_EQ(statement_at(*script, 24), 2U);
    EXPECT_EQ(statement_at(*script, 0), 3U);
}

TEST(Script, KnowsWhatNoTransactionTakes) {
    for (const char* sql : {"create unique index concurrently i on t (a)", "/* x */ VACUUM t", "alter system set a = 1",
                            "drop index concurrently i", "reindex (verbose) table concurrently t", "create database d",
                            "alter table t detach partition p concurrently"}) {
        EXPECT_TRUE(refused_in_transaction(sql)) << sql;
    }
    for (const char* sql : {"create index i on t (a)", "alter table t add vacuum int", "drop table concurrently",
                            "create table database ()", "reindex table t", "cluster t using i", ""}) {
        EXPECT_FALSE(refused_in_transaction(sql)) << sql;
    }
}

}  // namespace
}  // namespace understudy::schema
