// What a Transcriber makes of what a real server answers: the proof of the tracker's state machine against
// PostgreSQL's own.

#include "core/exchange/transcriber.hpp"

#include <gtest/gtest.h>

#include "tests/support/dialogue.hpp"
#include "tests/support/raw_client.hpp"

namespace understudy {
namespace {

using testing::RawClient;
using testing::ThrowawayCluster;
namespace fe = testing::fe;

/// A session with a real server; everything that passes goes through a transcriber.
class TranscriberPg : public ::testing::Test {
protected:
    static std::string& database() {
        static std::string name = [] {
            std::string created = ThrowawayCluster::shared().create_database("exchange");
            ThrowawayCluster::shared().psql(
                "create table t(id int primary key, note text);"
                "create table parent(id int primary key);"
                "create table child(id int references parent deferrable initially deferred);"
                "create table guarded(id int);"
                "create function refuse() returns trigger language plpgsql as $$begin raise 'refused'; end$$;"
                "create trigger refuse before insert on guarded for each statement execute function refuse();"
                "create function put_orphan() returns int language sql as 'insert into child values (99) "
                "returning id';",
                created);
            return created;
        }();
        return name;
    }

    void send(BytesView frames) {
        client_.send(frames);
        for (const Bytes& frame : testing::split_frames(frames))
            transcriber_.frontend(testing::view_frame(frame), next_time());
        transcriber_.end_of_client_data();
    }
    /// Hands over what the server answered.
    void answer(const Bytes& frames) {
        for (const Bytes& frame : testing::split_frames(frames)) {
            transcriber_.backend(testing::view_frame(frame), next_time());
        }
        transcriber_.end_of_server_data();
    }
    void until_ready(int count = 1) { answer(client_.read_until('Z', count)); }
    void ask(BytesView frames, int ready = 1) {
        send(frames);
        until_ready(ready);
    }

    /// Everything so far, after the transcriber has been finished, and the server has nothing more to say.
    std::string text() {
        answer(client_.read_for(std::chrono::milliseconds(30)));
        EXPECT_EQ(transcriber_.unexpected(), unexpected_);
        EXPECT_TRUE(transcriber_.tracker().pending().empty());
        transcriber_.finish(next_time());
        std::string all;
        for (const Event& event : list_.events) {
            if (std::holds_alternative<Response>(event)) all += testing::text_of(event) + "\n";
        }
        return all;
    }
    std::uint32_t oid_of(const std::string& function) {
        return static_cast<std::uint32_t>(
            std::stoul(ThrowawayCluster::shared().psql("select '" + function + "'::regproc::oid", database())));
    }

    std::uint64_t unexpected_ = 0;
    RawClient client_{ThrowawayCluster::shared(), database()};
    testing::EventList list_;
    MessageCounts counts_;
    Transcriber transcriber_{SessionId(1), testing::test_digester(), ResultsPolicy::full, false, counts_, list_};

private:
    Timestamp next_time() { return testing::at_ms(++now_); }
    std::int64_t now_ = 0;
};

const Bytes kBadData = fe::copy_data("not a number\tx\n");

TEST_F(TranscriberPg, SimpleQueries) {
    ask(fe::query("select 1; select 2, 3; set timezone to 'UTC'"));
    ask(fe::query(""));
    ask(fe::query("begin; select 1/0; select 5"));
    ask(fe::query("rollback"));
    EXPECT_EQ(text(),
              "< 0.0 Statement+{SELECT 1;rows 1} Statement+{SELECT 1;rows 1} Statement+{SET;TimeZone=UTC} ready I\n"
              "< 1.0 Statement_ ready I\n"
              "< 2.0 Statement+{BEGIN} Statement!{22012 division by zero} ready E\n"
              "< 3.0 Statement+{ROLLBACK} ready I\n");
}

TEST_F(TranscriberPg, ExtendedQueriesAndPipelines) {
    ask(fe::parse("s", "select $1::int + 1") + fe::describe_statement("s") + fe::sync());
    ask(fe::bind("", "s", {1}, {"41"}) + fe::execute() + fe::sync() + fe::bind("", "s", {}, {"x"}) + fe::execute() +
            fe::sync() + fe::bind("", "s", {}, {"1"}) + fe::describe_portal() + fe::execute() +
            fe::close_statement("s") + fe::sync(),
        3);
    EXPECT_EQ(text(),
              "< 0.0 Parse+ Describe+ ready I\n"
              "< 1.0 Bind+ Execute+{SELECT 1;rows 1} ready I\n"
              "< 2.0 Bind!{22P02 invalid input syntax for type integer: \"x\"} Execute- ready I\n"
              "< 3.0 Bind+ Describe+ Execute+{SELECT 1;rows 1} Close+ ready I\n");
    // The description was asked for once; the digests know the values all the same.
    for (const Event& event : list_.events) {
        const auto* response = std::get_if<Response>(&event);
        if (response == nullptr) continue;
        for (const StepResult& result : response->results) EXPECT_EQ(result.digest.opaque_cells, 0U);
    }
}

TEST_F(TranscriberPg, EmptyStatementAndSuspendedPortal) {
    ask(fe::unnamed("") + fe::sync());
    send(fe::parse("", "select generate_series(1, 5)") + fe::bind("p", "") + fe::execute("p", 2) + fe::flush());
    answer(client_.read_until('s'));
    ask(fe::execute("p", 2) + fe::execute("p", 2) + fe::sync());
    EXPECT_EQ(text(),
              "< 0.0 Parse+ Bind+ Execute_ ready I\n"
              "< 1.0 Parse+ Bind+ Execute~{rows 2}\n"
              "< 1.3 Execute~{rows 2} Execute+{SELECT 1;rows 1} ready I\n");
}

TEST_F(TranscriberPg, QueryAfterAnUnsyncedParse) {
    ask(fe::parse("", "select 1") + fe::query("select 2"));
    send(fe::parse("", "select from where") + fe::query("select 3") + fe::function_call(1) + fe::sync());
    until_ready();
    ask(fe::query("select 4"));
    EXPECT_EQ(text(),
              "< 0.0 Parse+ Statement+{SELECT 1;rows 1} ready I\n"
              "< 1.0 Parse!{42601 syntax error at or near \"where\"} Statement- ready -\n"
              "< 2.0 FunctionCall- ready -\n"
              "< 3.0 ready I\n"
              "< 4.0 Statement+{SELECT 1;rows 1} ready I\n");
}

TEST_F(TranscriberPg, DeferredConstraintAtSync) {
    ask(fe::unnamed("insert into child values (7)") + fe::sync() + fe::query("select 1"), 2);
    const std::string all = text();
    EXPECT_NE(all.find("< 0.0 Parse+ Bind+ Execute+{INSERT 0 1} Sync!{23503 "), std::string::npos) << all;
    EXPECT_NE(all.find("ready I\n< 1.0 Statement+{SELECT 1;rows 1} ready I\n"), std::string::npos) << all;
}

TEST_F(TranscriberPg, FlushThenError) {
    send(fe::unnamed("select 1") + fe::flush());
    answer(client_.read_until('C'));
    send(fe::unnamed("select 1/0") + fe::flush());
    answer(client_.read_until('E'));
    send(fe::unnamed("select 2") + fe::flush());
    answer(client_.read_for(std::chrono::milliseconds(30)));
    ask(fe::sync());
    EXPECT_EQ(text(),
              "< 0.0 Parse+ Bind+ Execute+{SELECT 1;rows 1}\n"
              "< 0.3 Parse+ Bind!{22012 division by zero} Execute-\n"
              "< 0.6 Parse- Bind- Execute-\n"
              "< 0.0 ready I\n");
}

TEST_F(TranscriberPg, FunctionCalls) {
    ask(fe::function_call(oid_of("pg_backend_pid")) + fe::function_call(1), 2);
    ask(fe::function_call(oid_of("put_orphan")));  // answers, and fails when it commits
    const std::string all = text();
    EXPECT_EQ(all.find("< 0.0 FunctionCall+{rows 1} ready I\n< 1.0 FunctionCall!{42883 "), 0U) << all;
    EXPECT_NE(all.find("< 2.0 FunctionCall!{rows 1;23503 "), std::string::npos) << all;
}

TEST_F(TranscriberPg, CopyInThroughQuery) {
    send(fe::query("copy t from stdin; copy t from stdin; select 1"));
    answer(client_.read_until('G'));
    send(fe::copy_data("1\tx\n") + fe::copy_data("2\ty\n") + fe::copy_done());
    answer(client_.read_until('G'));
    ask(fe::copy_fail("enough"));
    ask(fe::query("copy t from stdin") + fe::copy_data("3\tz\n") + fe::copy_done() + fe::unnamed("delete from t") +
            fe::sync(),
        2);
    EXPECT_EQ(text(),
              "< 0.0 Statement+{COPY 2;copy 2 8}\n"
              "< 0.1 Statement!{57014 COPY from stdin failed: enough;copy 0 0} ready I\n"
              "< 1.0 Statement+{COPY 1;copy 1 4} ready I\n< 2.0 Parse+ Bind+ Execute+{DELETE 1} ready I\n");
}

TEST_F(TranscriberPg, CopyInThroughTheExtendedProtocolWithTwoSyncs) {
    send(fe::unnamed("copy t from stdin") + fe::sync());
    answer(client_.read_until('G'));
    send(fe::copy_data("11\tx\n") + fe::flush());
    ask(fe::copy_done() + fe::sync() + fe::unnamed("delete from t") + fe::sync(), 2);
    EXPECT_EQ(text(),
              "< 0.0 Parse+ Bind+\n< 0.2 Execute+{COPY 1;copy 1 5} ready I\n"
              "< 1.0 Parse+ Bind+ Execute+{DELETE 1} ready I\n");
}

TEST_F(TranscriberPg, CopyInThatFailsOnItsData) {
    send(fe::query("copy t from stdin"));
    answer(client_.read_until('G'));
    ask(kBadData);
    send(kBadData + fe::copy_done());  // too late: ignored
    ask(fe::query("select 1"));
    send(fe::unnamed("copy t from stdin") + fe::sync());
    answer(client_.read_until('G'));
    send(kBadData);
    answer(client_.read_until('E'));
    ask(kBadData + fe::copy_done() + fe::sync());
    ask(fe::unnamed("select 2") + fe::sync());
    const Bytes error = "22P02 invalid input syntax for type integer: \"not a number\"";
    EXPECT_EQ(text(), "< 0.0 Statement!{" + error +
                          ";copy 1 15} ready I\n"
                          "< 1.0 Statement+{SELECT 1;rows 1} ready I\n"
                          "< 2.0 Parse+ Bind+\n< 2.2 Execute!{" +
                          error +
                          ";copy 1 15}\n< 2.0 ready I\n"
                          "< 3.0 Parse+ Bind+ Execute+{SELECT 1;rows 1} ready I\n");
}

TEST_F(TranscriberPg, CopyInThatFailsBeforeItAsks) {
    ask(fe::unnamed("copy no_table from stdin") + fe::sync());
    ask(fe::query("select 1"));
    const std::string all = text();
    EXPECT_EQ(all.find("< 0.0 Parse+ Bind+ Execute!{42P01"), 0U) << all;
    EXPECT_NE(all.find("< 1.0 Statement+{SELECT 1;rows 1} ready I\n"), std::string::npos) << all;
}

// The trigger fails after CopyInResponse and before the server has read the Sync that libpq sends with
// Execute: it obeys that Sync, and the one after CopyDone as well.
TEST_F(TranscriberPg, CopyInThatFailsBeforeItReads) {
    send(fe::unnamed("copy guarded from stdin") + fe::sync());
    until_ready();
    ask(fe::copy_data("1\n") + fe::copy_done() + fe::sync());
    ask(fe::query("select 1"));
    unexpected_ = 1;  // the first of two ReadyForQuery
    EXPECT_EQ(text(),
              "< 0.0 Parse+ Bind+ Execute!{P0001 refused;copy 0 0}\n"
              "< 0.0 ready I\n< 1.0 Statement+{SELECT 1;rows 1} ready I\n");
}

TEST_F(TranscriberPg, CopyOut) {
    ask(fe::query("copy (select generate_series(1, 3)) to stdout"));
    ask(fe::unnamed("copy (select 1/(2 - i) from generate_series(1, 3) i) to stdout") + fe::sync() +
            fe::query("select 1"),
        2);
    EXPECT_EQ(text(),
              "< 0.0 Statement+{COPY 3;copy 3 6} ready I\n"
              "< 1.0 Parse+ Bind+ Execute!{22012 division by zero;copy 1 2} ready I\n"
              "< 2.0 Statement+{SELECT 1;rows 1} ready I\n");
}

TEST_F(TranscriberPg, NoticesAndNotifications) {
    ask(fe::query("listen c; do $$begin raise notice 'hello'; end$$; notify c"));
    ask(fe::query("select 1"));
    const std::string all = text();
    EXPECT_NE(all.find("Statement+{DO;notice hello}"), std::string::npos) << all;
    EXPECT_EQ(counts_.backend['A'], 1U);
}

TEST_F(TranscriberPg, TerminatedByTheServer) {
    ask(fe::query("select 1"));
    ThrowawayCluster::shared().psql("select pg_terminate_backend(" + std::to_string(client_.process_id()) + ")");
    answer(client_.read_for(std::chrono::milliseconds(2000)));
    EXPECT_TRUE(client_.closed());
    ASSERT_TRUE(transcriber_.session_error().has_value());
    EXPECT_EQ(transcriber_.session_error()->sqlstate(), "57P01");
}

TEST_F(TranscriberPg, TerminatedInTheMidstOfAPipeline) {
    send(fe::unnamed("select 1") + fe::unnamed("select pg_sleep(30)") + fe::unnamed("select 3") + fe::sync() +
         fe::query("select 4"));
    answer(client_.read_for(std::chrono::milliseconds(300)));
    ThrowawayCluster::shared().psql("select pg_terminate_backend(" + std::to_string(client_.process_id()) + ")");
    answer(client_.read_for(std::chrono::milliseconds(2000)));
    EXPECT_TRUE(client_.closed());
    transcriber_.finish(testing::at_ms(100'000));
    std::string all;
    for (const Event& event : list_.events) all += testing::text_of(event) + "\n";
    EXPECT_NE(all.find("Execute!{57P01"), std::string::npos) << all;
    EXPECT_NE(all.find("Parse- Bind- Execute-"), std::string::npos) << all;
    EXPECT_NE(all.find("< 1.0 Statement*"), std::string::npos) << all;
}

}  // namespace
}  // namespace understudy
