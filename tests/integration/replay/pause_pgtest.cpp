#include "tests/integration/replay/recorded_time.hpp"
#include "tests/integration/replay/replay_fixture.hpp"

namespace understudy::replay {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RecordedSession;
using testing::Recording;
namespace fe = testing::fe;

constexpr const char* kShop = R"(
create table item (id int primary key, name text not null);
insert into item select i, 'item ' || i from generate_series(1, 20) i;
)";
constexpr const char* kMigrate =
    R"(--run 'psql "$UNDERSTUDY_TARGET" -v ON_ERROR_STOP=1 -c "alter table item add column price int"' )";

class PausePg : public ReplayTest {
protected:
    void SetUp() override {
        shop_ = new_database(kShop);
        copy_ = copy_of(shop_);
        recording_ = std::make_unique<Recording>(file("prod"));
    }
    RecordedSession& session() { return recording_->session(cluster().port(), shop_); }
    testing::CommandOutput play(const std::string& at, const std::string& options,
                                const std::string& speed = "--speed max") {
        if (recording_) recording_->finish();
        recording_.reset();
        return replay(copy_, "prod", "out", speed + " --ignore-start-state --pause-at " + at + " " + options);
    }
    /// A held session that had prepared "held" and will prepare "late", and one that opens after the pause.
    std::string record_held_and_fresh() {
        RecordedSession& held = session();
        held.ask(fe::parse("held", "select * from item where id = $1", {23}) + fe::sync());
        held.ask(fe::bind("", "held", {}, {"1"}) + fe::execute() + fe::sync());
        const std::string at = recorded_time();
        held.ask(fe::bind("", "held", {}, {"2"}) + fe::execute() + fe::sync());
        held.ask(fe::parse("late", "select * from item where id = $1 + 1", {23}) + fe::describe_statement("late") +
                 fe::bind("", "late", {}, {"3"}) + fe::execute() + fe::sync());
        held.ask(fe::bind("", "late", {}, {"4"}) + fe::execute() + fe::sync());
        fresh_ = session().ask(fe::parse("held", "select * from item where id = $1", {23}) + fe::sync()).id();
        held_ = held.id();
        return at;
    }
    /// SQLSTATEs with which a session's steps ended.
    std::vector<Bytes> errors(SessionId session) {
        std::vector<Bytes> states;
        for (const Response& response : all<Response>()) {
            if (response.session != session) continue;
            for (const StepResult& result : response.results) {
                if (result.error) states.emplace_back(result.error->sqlstate());
            }
        }
        return states;
    }
    std::uint64_t counter(const std::string& name) {
        for (const Counters& counters : all<Counters>()) {
            if (const auto found = counters.values.find(name); found != counters.values.end()) return found->second;
        }
        return 0;
    }

    std::string shop_;
    std::string copy_;
    std::unique_ptr<Recording> recording_;
    SessionId held_;
    SessionId fresh_;
};

TEST_F(PausePg, AMigrationHitsWhatAHeldSessionHadPreparedAndNotAFreshOne) {
    const std::string at = record_held_and_fresh();
    const auto played = play(at, kMigrate);
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_THAT(played.out, HasSubstr("run: ALTER TABLE"));
    EXPECT_THAT(played.out, HasSubstr("pause: 1 sessions are held\n"));
    EXPECT_THAT(errors(held_), ::testing::ElementsAre("0A000")) << "cached plan must not change result type";
    EXPECT_THAT(errors(fresh_), IsEmpty());
    EXPECT_EQ(counter("replay.held_sessions"), 1U);
    EXPECT_EQ(counter("replay.held_statements"), 1U);
    EXPECT_EQ(compare().exit_code, 1);
}

TEST_F(PausePg, WarmMakesTheSameHappenToWhatIsPreparedLater) {
    const std::string at = record_held_and_fresh();
    const auto played = play(at, std::string("--warm ") + kMigrate);
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_THAT(errors(held_), ::testing::SizeIs(3)) << "held once, late twice";
    EXPECT_THAT(errors(held_), Each(Bytes("0A000")));
    EXPECT_THAT(errors(fresh_), IsEmpty());
    EXPECT_EQ(counter("replay.statements_warmed"), 1U);
    EXPECT_EQ(counter("replay.parses_elided"), 1U);
}

TEST_F(PausePg, ACommandThatDoesNothingChangesNothing) {
    const std::string at = record_held_and_fresh();
    for (const char* options : {"--run true", "--run true --warm", "--run true --pause-wait 0"}) {
        for (const char* speed : {"--speed max", "--speed 1"}) {
            const auto played = play(at, options, speed);
            EXPECT_EQ(played.exit_code, 0) << played.out;
            const Verdict verdict = compare();
            EXPECT_EQ(verdict.exit_code, 0) << options << speed << verdict.text;
            EXPECT_THAT(results(StepOutcome::not_sent), IsEmpty());
            EXPECT_THAT(verdict.json["not_compared"], IsEmpty()) << verdict.text;
        }
    }
}

TEST_F(PausePg, ThePausesLengthIsNoLag) {
    RecordedSession& held = session();
    held.query("select 1");
    const std::string at = recorded_time();
    for (int i = 0; i < 5; ++i) held.query("select 2");
    const auto played = play(at, "--run 'sleep 1.5'", "--speed 1");
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(counter("replay.requests_sent"), 6U);
    const std::vector<Request> requests = all<Request>();
    ASSERT_EQ(requests.size(), 6U);
    EXPECT_GT(requests[1].time - requests[0].time, Duration::milliseconds(1500));
    for (std::size_t word = played.out.find("longest "); word != std::string::npos;) {
        EXPECT_LT(std::stod(played.out.substr(word + 8)), 1400) << played.out;
        word = played.out.find("longest ", word + 1);
    }
}

TEST_F(PausePg, ACommandThatFailsEndsTheReplayUnlessItMay) {
    const std::string at = record_held_and_fresh();
    const auto failed = play(at, "--run 'echo no; exit 7'");
    EXPECT_EQ(failed.exit_code, 4) << failed.out;
    EXPECT_THAT(failed.out, HasSubstr("run: no"));
    EXPECT_THAT(failed.out, HasSubstr("exit code 7"));
    EXPECT_EQ(all<SessionClosed>().size(), 1U);
    EXPECT_EQ(counter("replay.requests_sent"), 2U);
    const auto allowed = play(at, "--run-may-fail --run 'exit 7'");
    EXPECT_EQ(allowed.exit_code, 0) << allowed.out;
    EXPECT_EQ(counter("replay.requests_sent"), 6U);
}

TEST_F(PausePg, CtrlCDuringThePauseEndsTheCommandAndLeavesAWholeFile) {
    const std::string at = record_held_and_fresh();
    const auto stopped =
        play(at, "--run 'trap \"echo ended; exit\" TERM; sleep 60 & wait' & P=$!; sleep 2; kill -INT $P; wait $P");
    EXPECT_EQ(stopped.exit_code, 3) << stopped.out;
    EXPECT_THAT(stopped.out, HasSubstr("run: ended"));
    EXPECT_THAT(stopped.out, HasSubstr("stopped before the end"));
    EXPECT_EQ(all<SessionClosed>().size(), 1U);
}

TEST_F(PausePg, ATransactionThatIsOpenThenMayEndBeforeThePause) {
    RecordedSession& a = session();
    RecordedSession& b = session();
    b.query("select 0");
    a.query("begin").query("update item set name = 'a' where id = 1");
    const std::string at = recorded_time();
    a.query("commit");
    b.query("select name from item where id = 1");
    const auto waited = play(at, "--run 'test $UNDERSTUDY_OPEN_TRANSACTIONS$UNDERSTUDY_HELD_SESSIONS = 02'");
    EXPECT_EQ(waited.exit_code, 0) << waited.out;
    EXPECT_EQ(compare().exit_code, 0);
    const auto not_waited = play(at, "--pause-wait 0 --run 'test $UNDERSTUDY_OPEN_TRANSACTIONS = 1'");
    EXPECT_EQ(not_waited.exit_code, 0) << not_waited.out;
    EXPECT_THAT(not_waited.out, HasSubstr("1 have a transaction open"));
}

TEST_F(PausePg, WhoIsInsideATransactionForLongGoesOnWhileTheCommandWaitsForItsLocks) {
    std::string other_copy = copy_of(shop_);  // while nobody is connected
    RecordedSession& busy = session();
    RecordedSession& idle = session();
    idle.query("select 0");
    busy.query("begin").query("update item set name = 'a' where id = 1");
    const std::string at = recorded_time();
    busy.query("select count(*) from item");
    busy.query("commit");
    busy.query("select name from item where id = 1");
    idle.query("select 2");
    for (const char* speed : {"--speed max", "--speed 1"}) {
        const auto played =
            play(at,
                 R"(--pause-wait 0 --let-transactions-end --run 'psql "$UNDERSTUDY_TARGET" -v ON_ERROR_STOP=1 )"
                 R"(-c "set lock_timeout = 8000" )"
                 R"(-c "alter table item add column price int"')",
                 speed);
        EXPECT_EQ(played.exit_code, 0) << played.out;
        EXPECT_THAT(played.out, HasSubstr("1 have a transaction open"));
        EXPECT_EQ(counter("replay.pause_transactions"), 1U);
        EXPECT_EQ(counter("replay.requests_sent"), 7U);
        EXPECT_EQ(compare().exit_code, 0) << "all of it was answered as it was recorded";
        copy_ = other_copy;
    }
}

TEST_F(PausePg, ThePasswordIsNotToldToTheCommand) {
    session().query("select 1");
    const std::string at = recorded_time();
    session().query("select 2");
    recording_->finish();
    recording_.reset();
    const auto played =
        replay_to(cluster().conninfo(copy_) + " password=hush", "prod", "out",
                  "--speed max --ignore-start-state --pause-at " + at + " --run 'env | grep UNDERSTUDY'");
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_THAT(played.out, HasSubstr("run: UNDERSTUDY_TARGET=host=127.0.0.1"));
    EXPECT_THAT(played.out, Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace understudy::replay
