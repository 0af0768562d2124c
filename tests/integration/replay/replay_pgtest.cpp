#include "tests/integration/replay/replay_fixture.hpp"

namespace understudy::replay {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RecordedSession;
using testing::Recording;
using testing::ThrowawayCluster;
namespace fe = testing::fe;

constexpr const char* kShop = R"(
create table item (id serial primary key, name varchar(40) not null, price numeric(10,2), tags text[], note text);
insert into item (name, price, tags) select 'item ' || i, i * 1.25, array['a', 'b' || i] from generate_series(1, 20) i;
create view dear as select id, name from item where price > 20;
create table log (line text);
)";

class Replay : public ReplayTest {
protected:
    /// Records on a new shop, replays on a copy changed by `migration`, compares.
    template <class Talk>
    Verdict rehearse(Talk talk, const std::string& migration = "") {
        const std::string shop = new_database(kShop);
        const std::string copy = copy_of(shop, migration);
        Recording recording(file("prod"));
        talk(recording.session(cluster().port(), shop));
        recording.finish();
        const auto played = replay(copy);
        EXPECT_EQ(played.exit_code, 0) << played.out;
        return compare();
    }
    template <class Talk>
    void expect_same(Talk talk) {
        const Verdict verdict = rehearse(talk);
        EXPECT_EQ(verdict.exit_code, 0) << verdict.text;
        ASSERT_TRUE(verdict.json.is_object()) << verdict.text;
        EXPECT_EQ(verdict.json["verdict"], "same") << verdict.text;
        EXPECT_GT(verdict.json["compared"], 0);
        EXPECT_THAT(verdict.json["not_compared"], IsEmpty()) << verdict.text;
        EXPECT_EQ(verdict.json["coverage"]["exchanges"], verdict.json["coverage"]["exchanges_compared"])
            << verdict.text;
        EXPECT_THAT(results(StepOutcome::not_sent), IsEmpty());
    }
    template <class Talk>
    void expect_finding(const std::string& kind, Talk talk, const std::string& migration) {
        const Verdict verdict = rehearse(talk, migration);
        EXPECT_EQ(verdict.exit_code, 1) << kind << "\n" << verdict.text;
        EXPECT_THAT(verdict.kinds(), Contains(kind)) << verdict.text;
    }
    void expect_finding(const std::string& kind, const char* sql, const std::string& migration) {
        expect_finding(
            kind, [sql](RecordedSession& session) { session.query(sql); }, migration);
    }
};

TEST_F(Replay, SimpleQueriesTransactionsSettingsAndTemporaryTables) {
    expect_same([](RecordedSession& s) {
        s.query("select * from item order by id")
            .query("")
            .query("select 1; select 2; update item set note = 'x' where id < 4");
        s.query("begin").query("insert into item (name) values ('new') returning id").query("savepoint a");
        s.query("insert into item (id, name) values (1, 'twice')").query("rollback to a").query("commit");
        s.query("begin").query("select 1/0").query("select 1").query("rollback");
        s.query("selec 1").query("select * from nowhere");
        s.query("set datestyle = 'German'; set timezone = 'Asia/Tokyo'")
            .query("select '2024-02-03 04:05:06+00'::timestamptz");
        s.query("create temp table mine as select * from item").query("select count(*) from mine").query("reset all");
        s.query("do $$ begin raise notice 'hello'; end $$")
            .query("drop table if exists nowhere")
            .query("listen x")
            .query("notify x");
        s.query("declare c cursor with hold for select id from item order by id")
            .query("fetch 3 from c")
            .query("close c");
        s.query("prepare p as select $1::int + 1").query("execute p(4)").query("deallocate all").query("discard all");
    });
}

TEST_F(Replay, TheExtendedProtocolPreparedPipelinedAndSuspended) {
    expect_same([](RecordedSession& s) {
        s.ask(fe::parse("by_id", "select name, price from item where id = $1") + fe::describe_statement("by_id") +
              fe::sync());
        for (const char* id : {"1", "2", "77"}) {
            s.ask(fe::bind("", "by_id", {}, {id}) + fe::describe_portal() + fe::execute() + fe::sync());
        }
        s.ask(fe::bind("", "by_id", {1}, {"3"}) + fe::execute() + fe::sync());
        s.ask(fe::parse("", "update item set note = $1 where id = $2") + fe::bind("", "", {}, {std::nullopt, "5"}) +
              fe::execute() + fe::sync());
        s.send(fe::unnamed("select 1") + fe::sync() + fe::unnamed("select 1/0") + fe::unnamed("select 2") + fe::sync());
        s.send(fe::unnamed("select 3") + fe::sync()).read('Z', 3);
        s.send(fe::parse("f", "select id from item order by id") + fe::flush()).read('1');
        s.ask(fe::bind("", "f") + fe::execute("", 5) + fe::sync());
        s.query("begin");
        s.ask(fe::bind("cur", "f") + fe::execute("cur", 4) + fe::sync()).ask(fe::execute("cur", 4) + fe::sync());
        s.send(fe::execute("cur", 3) + fe::flush())
            .read('s')
            .ask(fe::execute("cur") + fe::close_portal("cur") + fe::sync());
        s.query("commit").ask(fe::close_statement("f") + fe::sync());
        s.ask(fe::bind("", "f") + fe::execute() + fe::sync());  // an error
        s.ask(fe::parse("", "selec") + fe::bind("", "") + fe::execute() + fe::sync());
        s.ask(fe::sync());
    });
}

TEST_F(Replay, CopyInBothProtocolsAndCopyOut) {
    expect_same([](RecordedSession& s) {
        s.send(fe::query("copy log from stdin"))
            .read('G')
            .ask(fe::copy_data("one\ntwo\n") + fe::copy_data("three\n") + fe::copy_done());
        s.query("copy log to stdout").query("copy (select * from item order by id) to stdout with csv");
        s.send(fe::unnamed("copy log from stdin") + fe::sync())
            .read('G')
            .ask(fe::copy_data("four\n") + fe::copy_done() + fe::sync());
        s.ask(fe::unnamed("copy (select 1) to stdout") + fe::sync());
        s.send(fe::query("copy log from stdin"))
            .read('G')
            .ask(fe::copy_data("five\n") + fe::copy_fail("changed my mind"));
        s.send(fe::query("copy item (id) from stdin")).read('G').ask(fe::copy_data("x\n") + fe::copy_done());
        s.send(fe::query("copy log from stdin")).ask(fe::copy_data("six\n") + fe::copy_done());  // without waiting
        s.query("copy nowhere from stdin").query("select count(*) from log");
    });
}

TEST_F(Replay, FunctionCallsOfLargeObjects) {
    expect_same([](RecordedSession& s) {
        s.query("begin").ask(fe::function_call(715, {"4711"})).ask(fe::function_call(715, {"4711"})).query("rollback");
        s.ask(fe::function_call(952, {"4712", "262144"}));
    });
}

TEST_F(Replay, AMessageOfManyRecordsArrivesWhole) {
    expect_same(
        [](RecordedSession& s) { s.query("select length('" + Bytes(20U << 20U, 'x') + "')").query("select 1"); });
}

TEST_F(Replay, ErrorsThatAppearDisappearAndChange) {
    expect_finding("error_appeared", "select note from item where id = 1", "alter table item drop column note cascade");
    expect_finding("error_disappeared", "select later from item where id = 1", "alter table item add later int");
    expect_finding("error_changed", "insert into item (id, name) values (1, 'x')",
                   "alter table item add check (name <> 'x')");
}

TEST_F(Replay, ACopyThatFailsOnOneSideOnly) {
    const auto copy = [](RecordedSession& s) {
        s.send(fe::query("copy log from stdin"))
            .read('G')
            .ask(fe::copy_data("one\n") + fe::copy_done())
            .query("select 1");
    };
    expect_finding("error_appeared", copy, "drop table log");
    const auto extended = [](RecordedSession& s) {
        s.send(fe::unnamed("copy log from stdin") + fe::flush())
            .read('G')
            .ask(fe::copy_data("one\n") + fe::copy_done() + fe::sync());
        s.query("select 1");
    };
    expect_finding("error_appeared", extended, "drop table log");
    EXPECT_THAT(all<Response>().back().results.front().command_tag, "SELECT 1") << "the session went on";
    expect_finding(
        "error_changed", [](RecordedSession& s) { s.query("copy later from stdin").query("select 1"); },
        "create table later (a int)");
    EXPECT_THAT(all<Response>().back().results.front().command_tag, "SELECT 1") << "the session went on";
}

TEST_F(Replay, RowsAndValues) {
    expect_finding("row_count", "select id from item where id > 3", "delete from item where id = 7");
    expect_finding("affected_rows", "update item set note = 'y' where id > 3", "delete from item where id = 7");
    expect_finding("value", "select id, name from item order by id", "update item set name = 'other' where id = 7");
    expect_finding("order", "select id from item order by price desc", "update item set price = -price");
    expect_finding("copy_data", "copy (select name from item order by id) to stdout",
                   "update item set name = 'other' where id = 7");
    expect_finding("notice", "drop table if exists nowhere", "create table nowhere ()");
}

TEST_F(Replay, Columns) {
    expect_finding("column_added", "select * from item where id = 1", "alter table item add extra int");
    expect_finding("column_removed", "select * from item where id = 1", "alter table item drop note");
    expect_finding("column_renamed", "select * from item where id = 1", "alter table item rename note to remark");
    expect_finding("column_retyped", "select note from item where id = 1",
                   "alter table item alter note type varchar(9)");
    expect_finding("column_order", "select * from dear where id = 18",
                   "drop view dear; create view dear as select name, id from item where price > 20");
    expect_finding(
        "parameter_types",
        [](RecordedSession& s) {
            s.ask(fe::parse("", "select name from item where id = $1") + fe::describe_statement() + fe::sync());
        },
        "drop view dear; alter table item alter id type bigint");
}

TEST_F(Replay, ManySessionsInOneCaptureEachKeepTheirOwnState) {
    const std::string shop = new_database(kShop);
    const std::string copy = copy_of(shop);
    Recording recording(file("prod"));
    std::vector<RecordedSession*> sessions;
    for (int i = 0; i < 8; ++i) sessions.push_back(&recording.session(cluster().port(), shop));
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        sessions[i]->query("create temp table own as select " + std::to_string(i) + " as n");
        sessions[i]->ask(fe::parse("s", "select n from own") + fe::sync());
    }
    for (RecordedSession* session : sessions) session->ask(fe::bind("", "s") + fe::execute() + fe::sync());
    recording.finish();
    ASSERT_EQ(replay(copy).exit_code, 0);
    const Verdict verdict = compare();
    EXPECT_EQ(verdict.exit_code, 0) << verdict.text;
    EXPECT_EQ(verdict.json["verdict"], "same");
}

TEST_F(Replay, AnswersHaveTheLatencyOfTheTargetNotOfTheRecordedPauses) {
    const std::string shop = new_database();
    const std::string copy = copy_of(shop);
    Recording recording(file("prod"));
    RecordedSession& session = recording.session(cluster().port(), shop);
    session.query("select 1");
    testing::run_command("sleep 1");
    session.query("select 2");
    recording.finish();
    ASSERT_EQ(replay(copy, "prod", "out", "--speed 1 --ignore-start-state").exit_code, 0);
    const auto requests = all<Request>();
    const auto responses = all<Response>();
    ASSERT_EQ(requests.size(), 2U);
    ASSERT_EQ(responses.size(), 2U);
    EXPECT_LT((responses[0].ready - requests[0].time).to_seconds(), 0.5);
    EXPECT_NEAR((requests[1].time - requests[0].time).to_seconds(), 1.0, 0.4);
}

TEST_F(Replay, ACancelHitsTheSameStatement) {
    const std::string shop = new_database();
    const std::string copy = copy_of(shop);
    Recording recording(file("prod"));
    RecordedSession& session = recording.session(cluster().port(), shop);
    session.send(fe::query("select pg_sleep(20)"));
    testing::run_command("sleep 0.3");
    session.cancel().read('Z').query("select 1");
    recording.finish();
    const auto played = replay(copy);
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(compare().json["verdict"], "same");
    const auto errors = results(StepOutcome::error);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].error->sqlstate(), "57014");
}

TEST_F(Replay, AClientThatHangsUpWithoutTerminateGetsAllItsAnswers) {
    const std::string shop = new_database();
    const std::string copy = copy_of(shop);
    Recording recording(file("prod"));
    recording.session(cluster().port(), shop).query("select pg_sleep(0.1)").close(SessionEnd::connection);
    recording.finish();
    ASSERT_EQ(replay(copy).exit_code, 0);
    EXPECT_EQ(compare().json["verdict"], "same");
    EXPECT_THAT(results(StepOutcome::unanswered), IsEmpty());
}

TEST_F(Replay, UsersAndDatabasesAreMapped) {
    cluster().psql(
        "drop role if exists app; create role app login; drop role if exists tester; create role tester "
        "login");
    const std::string shop = new_database();
    const std::string copy = copy_of(shop);
    cluster().psql(
        "alter user tester set application_name = 'mapped'; grant execute on function pg_control_system() to "
        "tester",
        copy);
    Recording recording(file("prod"));
    recording.session(cluster().port(), shop, "app").query("select current_user = 'app'");
    recording.finish();
    for (const std::string target : {"host=127.0.0.1 user=postgres port=", "postgresql://postgres@127.0.0.1:"}) {
        const auto played =
            replay_to(target + std::to_string(cluster().port()), "prod", "out",
                      "--speed max --ignore-start-state --user-map app=tester --database-map " + shop + "=" + copy);
        EXPECT_EQ(played.exit_code, 0) << played.out;
        const auto opened = all<SessionOpened>();
        ASSERT_EQ(opened.size(), 1U);
        EXPECT_EQ(opened[0].identity.user, "tester");
        EXPECT_EQ(opened[0].identity.database, copy);
    }
    EXPECT_EQ(compare().kinds(), std::set<std::string>{"value"});
}

class Passwords : public Replay, public ::testing::WithParamInterface<const char*> {};

TEST_P(Passwords, RightAndWrong) {
    ThrowawayCluster::Options options;
    options.auth = GetParam();
    options.settings = {std::string("password_encryption = '") + (options.auth == "md5" ? "md5" : "scram-sha-256") +
                        "'"};
    const auto guarded = ThrowawayCluster::start(options);
    guarded->psql("create role olaf login superuser password 'right'; create database shop owner olaf");
    guarded->psql("select 1", "shop");
    const std::string shop = new_database();
    cluster().psql("drop role if exists olaf; create role olaf login");
    Recording recording(file("prod"));
    recording.session(cluster().port(), shop, "olaf").query("select current_user");
    recording.finish();
    const std::string at = "host=127.0.0.1 dbname=shop user=olaf port=" + std::to_string(guarded->port());
    ASSERT_EQ(testing::run_command(UNDERSTUDY_BINARY " target --mark \"" + at + " password=right\"").exit_code, 0);
    const auto right = replay_to(at + " password=right", "prod", "out");
    EXPECT_EQ(right.exit_code, 0) << right.out;
    EXPECT_EQ(compare().json["verdict"], "same");
    for (const std::string password : {" password=wrong", ""}) {
        const auto wrong = replay_to(at + password, "prod", "never");
        EXPECT_EQ(wrong.exit_code, 4) << wrong.out;
        EXPECT_EQ(lines(wrong.out), 1U) << wrong.out;
        EXPECT_THAT(wrong.out, HasSubstr("password"));
        EXPECT_FALSE(std::ifstream(file("never")).good()) << "nothing half-written";
    }
}

INSTANTIATE_TEST_SUITE_P(Methods, Passwords, ::testing::Values("password", "md5", "scram-sha-256"));

}  // namespace
}  // namespace understudy::replay
