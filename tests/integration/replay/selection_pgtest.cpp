#include "tests/integration/replay/recorded_time.hpp"
#include "tests/integration/replay/replay_fixture.hpp"

namespace understudy::replay {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RecordedSession;
using testing::Recording;
namespace fe = testing::fe;

constexpr const char* kShop = R"(
create table item (id serial primary key, name text not null);
insert into item (name) select 'item ' || i from generate_series(1, 20) i;
create sequence visits;
create function safe(a int) returns int stable language sql as 'select a + 1';
create function unsafe(a int) returns bigint volatile language sql as 'select nextval(''visits'') + a';
create view counted as select id, nextval('visits') as visit from item;
)";

class SelectionPg : public ReplayTest {
protected:
    void SetUp() override {
        shop_ = new_database(kShop);
        copy_ = copy_of(shop_);
    }
    RecordedSession& session(const Bytes& user = "postgres") {
        if (!recording_) recording_ = std::make_unique<Recording>(file("prod"));
        return recording_->session(cluster().port(), shop_, user);
    }
    /// Ends the recording and replays it.
    testing::CommandOutput play(const std::string& options, const std::string& to = "out") {
        if (recording_) recording_->finish();
        recording_.reset();
        return replay(copy_, "prod", to, "--speed max --ignore-start-state " + options);
    }
    std::map<std::string, std::uint64_t> counters(const std::string& name = "out") {
        std::map<std::string, std::uint64_t> values;
        for (const Counters& counters : all<Counters>(name))
            values.insert(counters.values.begin(), counters.values.end());
        return values;
    }
    std::set<std::string> notes(const std::string& name = "out") {
        std::set<std::string> notes;
        for (const StepResult& result : results(StepOutcome::not_sent, name)) notes.insert(result.note);
        return notes;
    }
    std::set<std::uint64_t> sessions(const std::string& name = "out") {
        std::set<std::uint64_t> ids;
        for (const Request& request : all<Request>(name)) ids.insert(request.session.value());
        return ids;
    }
    std::string shop_;
    std::string copy_;
    std::unique_ptr<Recording> recording_;
};

TEST_F(SelectionPg, ReadOnlyLeavesTheTargetAsItIs) {
    session()
        .query("select count(*) from item")
        .query("insert into item (name) values ('new')")
        .query("with gone as (delete from item where id = 3 returning *) select * from gone")
        .query("begin")
        .query("select * from item where id = 1 for update")
        .query("update item set name = 'x'")
        .query("commit")
        .query("select nextval('visits')")
        .query("select safe(1)")
        .query("select unsafe(1)")
        .query("select * from counted")
        .ask(fe::parse("w", "delete from item where id = $1") + fe::sync())
        .ask(fe::bind("", "w", {}, {"4"}) + fe::execute() + fe::sync())
        .query("reset all")
        .query("discard all")
        .query("do $$ begin delete from item; end $$")
        .query("select max(id) from item");
    const auto played = play("--read-only");
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(cluster().psql("select count(*), max(id) from item", copy_), "20|20\n");
    EXPECT_EQ(cluster().psql("select last_value, is_called from visits", copy_), "1|f\n");
    EXPECT_EQ(results(StepOutcome::not_sent).size(), 9U);
    EXPECT_THAT(notes(), Contains("left out: not read-only: unsafe is volatile"));
    EXPECT_THAT(notes(), Contains("left out: not read-only: nextval is volatile"));
    auto counted = counters();
    EXPECT_EQ(counted["replay.left_out.exchanges.read_only"], 9U);
    EXPECT_EQ(counted["replay.requests_sent"], 8U);
    EXPECT_EQ(counted["replay.read_only_refused"], 1U) << "the view";
    EXPECT_THAT(played.out, HasSubstr("25006"));
    for (const StepResult& result : results(StepOutcome::error)) EXPECT_EQ(result.error->sqlstate(), "25006");
}

TEST_F(SelectionPg, ASliceOfTheTimeEntersSessionsWithTheirStatementsAndLeavesHalfTransactionsOut) {
    RecordedSession& whole = session();
    RecordedSession& torn = session();
    whole.ask(fe::parse("by_id", "select name from item where id = $1") + fe::sync());
    whole.query("set datestyle to german");
    torn.query("begin").query("insert into item (name) values ('before')");
    const std::string from = recorded_time();
    whole.ask(fe::bind("", "by_id", {}, {"2"}) + fe::execute() + fe::sync());
    whole.query("select date '2024-02-03'");
    torn.query("insert into item (name) values ('after')").query("commit").query("select 'torn goes on'");
    const std::string to = recorded_time();
    whole.query("select 'too late'");
    torn.query("select 'too late'");
    const auto played = play("--from " + from + " --to " + to);
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_THAT(results(StepOutcome::error), IsEmpty());
    EXPECT_EQ(cluster().psql("select count(*) from item", copy_), "20\n") << "half a transaction must not commit";
    auto counted = counters();
    EXPECT_EQ(counted["replay.requests_sent"], 3U);
    EXPECT_EQ(counted["replay.left_out.exchanges.transaction"], 2U);
    EXPECT_EQ(counted["replay.left_out.exchanges.window"], 6U);
    EXPECT_EQ(counted["replay.left_out.sessions.entered_in_transaction"], 1U);
    bool german = false;
    for (const Response& response : all<Response>()) {
        for (const StepResult& result : response.results) {
            for (const Bytes& row : result.kept_rows) german = german || row.find("03.02.2024") != Bytes::npos;
        }
    }
    EXPECT_TRUE(german) << "the session's settings are there";
}

TEST_F(SelectionPg, ASampleOfSessionsIsTheSameOnEachRun) {
    for (int i = 0; i < 12; ++i) session().query("select 1");
    EXPECT_EQ(play("--sessions 50%").exit_code, 0);
    EXPECT_EQ(play("--sessions 0.5", "again").exit_code, 0);
    EXPECT_EQ(sessions(), sessions("again"));
    EXPECT_EQ(sessions().size() + counters()["replay.left_out.sessions.share"], 12U);
    EXPECT_EQ(compare("out", "again").exit_code, 0);
}

TEST_F(SelectionPg, UsersFingerprintsAndTables) {
    cluster().psql("drop role if exists clerk; create role clerk login");
    cluster().psql("grant select on item to clerk", shop_);
    cluster().psql("grant select on item to clerk", copy_);
    session("clerk").query("select id from item where id = 1").query("select 2");
    session().query("begin").query("select id from item where id = 7").query("select 'x'").query("commit");
    EXPECT_EQ(play("--user clerk").exit_code, 0);
    EXPECT_EQ(sessions().size(), 1U);
    EXPECT_EQ(counters()["replay.left_out.sessions.user"], 1U);
    EXPECT_EQ(play("--table item --database " + shop_).exit_code, 0);
    EXPECT_EQ(counters()["replay.requests_sent"], 4U) << "both reads, begin and commit";
    EXPECT_EQ(counters()["replay.left_out.exchanges.table"], 2U);
    const auto nothing = play("--user nobody");
    EXPECT_EQ(nothing.exit_code, 2);
    EXPECT_THAT(nothing.out, HasSubstr("nothing of the capture is what was asked for"));
}

TEST_F(SelectionPg, ScaleRunsEachSessionSoOften) {
    for (int i = 0; i < 3; ++i)
        session().query("select count(*) from item").query("insert into item (name) values ('x')");
    const auto refused = play("--scale 3");
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.out, HasSubstr("--scale needs --read-only"));
    const auto played = play("--read-only --scale 3");
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(sessions().size(), 9U);
    auto counted = counters();
    EXPECT_EQ(counted["replay.requests_sent"], 9U);
    EXPECT_EQ(counted["replay.requests_not_sent"], 9U);
    EXPECT_EQ(counted["replay.scale"], 3U);
    EXPECT_EQ(all<SessionClosed>().size(), 9U);
    EXPECT_EQ(play("--read-only --scale 3", "again").exit_code, 0);
    EXPECT_EQ(sessions(), sessions("again"));
    EXPECT_EQ(cluster().psql("select count(*) from item", copy_), "20\n");
}

TEST_F(SelectionPg, AnInterruptedReadOnlyReplayGoesOnWhereItEnded) {
    RecordedSession& first = session();
    RecordedSession& second = session();
    first.ask(fe::parse("s", "select name from item where id = $1") + fe::sync());
    second.query("select 1").query("begin").query("select 2");
    first.query("select pg_sleep(5)");
    first.ask(fe::bind("", "s", {}, {"5"}) + fe::execute() + fe::sync());
    second.query("commit").query("select 3");
    const std::string interrupt = "--read-only & P=$!; sleep 3; kill -INT $P; wait $P";
    const auto stopped = play(interrupt, "earlier");
    ASSERT_EQ(stopped.exit_code, 3) << stopped.out;
    const auto refused = play("--resume " + file("earlier"), "out");
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.out, HasSubstr("--resume needs --read-only"));
    const auto resumed = play("--read-only --resume " + file("earlier"), "out");
    EXPECT_EQ(resumed.exit_code, 0) << resumed.out;
    const Verdict verdict = compare();
    EXPECT_EQ(verdict.exit_code, 0) << verdict.text;
    EXPECT_THAT(verdict.json["not_compared"], IsEmpty()) << verdict.text;
    EXPECT_GE(counters()["replay.left_out.exchanges.done"] + counters()["replay.left_out.sessions.done"], 1U);
    EXPECT_EQ(play("--read-only --resume " + file("out"), "out").exit_code, 2) << "it would overwrite what it reads";
    EXPECT_EQ(play("", "wrote").exit_code, 0);
    const auto wrote = play("--read-only --resume " + file("wrote"), "out");
    EXPECT_EQ(wrote.exit_code, 2);
    EXPECT_THAT(wrote.out, HasSubstr("was not replayed with --read-only"));
}

TEST_F(SelectionPg, WhatIsWronglyAskedForIsAUsageError) {
    session().query("select 1");
    for (const char* options : {"--sessions 0", "--sessions 200%", "--sessions x", "--from yesterday", "--to +1x",
                                "--from +2s --to +1s", "--fingerprint xyz", "--table a.b.c", "--scale 0 --read-only",
                                "--pause-at +1s", "--run true", "--warm", "--pause-at +10h --run true"}) {
        EXPECT_EQ(play(options).exit_code, 2) << options;
    }
}

}  // namespace
}  // namespace understudy::replay
