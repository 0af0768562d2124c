#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/integration/replay/replay_fixture.hpp"

namespace understudy::replay {
namespace {

using testing::CommandOutput;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RecordedSession;
using testing::Recording;
using testing::ThrowawayCluster;

class Faults : public ReplayTest {
protected:
    /// Sessions of so many queries each, of which the nth is `sql`.
    std::string record(int sessions, int queries, const std::string& sql = "select 1") {
        const std::string shop = new_database();
        Recording recording(file("prod"));
        std::vector<RecordedSession*> open;
        for (int i = 0; i < sessions; ++i) open.push_back(&recording.session(cluster().port(), shop));
        for (int i = 0; i < queries; ++i) {
            for (RecordedSession* session : open) session->query(sql);
        }
        recording.finish();
        return shop;
    }
    /// Runs a replay in the background; `meanwhile` runs beside it.
    template <class Meanwhile>
    CommandOutput replay_while(const std::string& target, const std::string& more, Meanwhile meanwhile) {
        CommandOutput output;
        std::thread run([&] { output = replay_to(target, "prod", "out", more); });
        meanwhile();
        run.join();
        return output;
    }
    static std::string http(int port, const std::string& path) {
        return testing::run_command("bash -c \"exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port) +
                                    " && printf 'GET " + path +
                                    " HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3 && cat <&3\"")
            .out;
    }
    static void pause(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }
    /// Until `sql` gives "t", for at most 20 seconds.
    static void wait_for(const ThrowawayCluster& server, const std::string& sql) {
        for (int i = 0; i < 200; ++i) {
            if (server.psql(sql) == "t\n") return;
            pause(0.1);
        }
        FAIL() << "never: " << sql;
    }
    static const char* sleeping() {
        return "select count(*) > 0 from pg_stat_activity where query like 'select pg_sleep%' and state = "
               "'active'";
    }
};

TEST_F(Faults, AServerThatStopsInTheMiddleLeavesAWholeFile) {
    record(3, 2, "select pg_sleep(0.4)");
    const auto target = ThrowawayCluster::start();
    target->create_database("x");
    ASSERT_EQ(testing::run_command(UNDERSTUDY_BINARY " target --mark \"" + target->conninfo() + "\"").exit_code, 0);
    const auto output = replay_while(target->conninfo(), "--speed 1 --ignore-start-state", [&] {
        wait_for(*target, sleeping());
        target->stop();
    });
    EXPECT_EQ(output.exit_code, 4) << output.out;
    EXPECT_THAT(output.out, HasSubstr("3 of 6 requests were not sent, as 3 sessions lost their connection"));
    EXPECT_THAT(output.out, HasSubstr("3 sessions could not connect or lost their connection"));
    const auto closed = all<SessionClosed>();
    ASSERT_EQ(closed.size(), 3U);
    for (const SessionClosed& session : closed) {
        EXPECT_EQ(session.end, SessionEnd::failed);
        EXPECT_THAT(session.note, HasSubstr("connection lost"));
    }
    EXPECT_EQ(results(StepOutcome::unanswered).size() + results(StepOutcome::not_sent).size() +
                  results(StepOutcome::complete).size(),
              6U)
        << "each request is there once";
    EXPECT_THAT(compare().text, Not(HasSubstr("verdict: same")));
}

TEST_F(Faults, OneKilledSessionDoesNotEndTheRun) {
    const std::string shop = record(3, 3, "select pg_sleep(0.3)");
    const std::string copy = copy_of(shop);
    const auto output = replay_while(cluster().conninfo(copy), "--speed max --ignore-start-state", [&] {
        wait_for(cluster(), "select count(*) = 3 from pg_stat_activity where datname = '" + copy +
                                "' and query like 'select pg_sleep%'");
        cluster().psql("select pg_terminate_backend(min(pid)) from pg_stat_activity where datname = '" + copy +
                       "' and query like 'select pg_sleep%'");
    });
    EXPECT_EQ(output.exit_code, 0) << output.out;
    std::size_t failed = 0;
    for (const SessionClosed& session : all<SessionClosed>()) {
        failed += session.end == SessionEnd::failed ? 1U : 0U;
    }
    EXPECT_EQ(failed, 1U);
    const auto errors = results(StepOutcome::error);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].error->sqlstate(), "57P01");
    EXPECT_GE(results(StepOutcome::complete).size(), 6U);
}

TEST_F(Faults, SessionsWaitForAFreeConnection) {
    record(5, 2, "select pg_sleep(0.2)");
    ThrowawayCluster::Options options;
    options.settings = {"max_connections = 6", "superuser_reserved_connections = 1", "max_wal_senders = 0",
                        "autovacuum = off"};
    const auto target = ThrowawayCluster::start(options);
    ASSERT_EQ(testing::run_command(UNDERSTUDY_BINARY " target --mark \"" + target->conninfo() + "\"").exit_code, 0);
    const auto hog = testing::run_command("for i in 1 2 3; do psql -q -X '" + target->conninfo() +
                                          "' -c 'select pg_sleep(3)' >/dev/null 2>&1 & done");
    wait_for(*target, "select count(*) = 3 from pg_stat_activity where query like 'select pg_sleep(3)%'");
    const auto output = replay_to(target->conninfo(), "prod", "out");
    EXPECT_EQ(output.exit_code, 0) << output.out;
    EXPECT_EQ(results(StepOutcome::complete).size(), 10U);
    for (const SessionClosed& session : all<SessionClosed>())
        EXPECT_EQ(session.end, SessionEnd::terminate) << session.note;
}

TEST_F(Faults, WhatCannotBeReachedIsOneLine) {
    record(1, 1);
    for (const std::string target :
         {"host=127.0.0.1 port=1 dbname=x", "host=nowhere.invalid dbname=x", "host=/nowhere dbname=x"}) {
        const auto output = replay_to(target, "prod", "out");
        EXPECT_EQ(output.exit_code, 4) << output.out;
        EXPECT_EQ(lines(output.out), 1U) << output.out;
        EXPECT_FALSE(std::filesystem::exists(file("out")));
    }
    const auto unparsable = replay_to("postgresql://ann:hunter2@[host/shop", "prod", "out");
    EXPECT_EQ(unparsable.exit_code, 2) << unparsable.out;
    EXPECT_THAT(unparsable.out, Not(HasSubstr("hunter2")));
    EXPECT_THAT(replay_to("host=x hunter2", "prod", "out").out, Not(HasSubstr("hunter2")));
}

TEST_F(Faults, AnInterruptLeavesAWholeFile) {
    const std::string copy = copy_of(record(2, 30, "select pg_sleep(0.1)"));
    const auto output = replay_while(cluster().conninfo(copy),
                                     "--speed 1 --ignore-start-state & P=$!; sleep 1.5; kill -INT $P; wait $P", [] {});
    EXPECT_EQ(output.exit_code, 3) << output.out;
    EXPECT_THAT(output.out, HasSubstr("stopped before the end"));
    EXPECT_GT(results(StepOutcome::complete).size(), 2U);
    for (const SessionClosed& session : all<SessionClosed>())
        EXPECT_THAT(session.note, HasSubstr("the replay was stopped"));
}

TEST_F(Faults, AFullDiskIsSaidAndWhatWasWrittenIsWhole) {
    if (geteuid() != 0) GTEST_SKIP() << "mounting a small file system needs root";
    const std::string copy =
        copy_of(record(1, 400, "select string_agg(md5(random()::text), '') from generate_series(1, 200)"));
    const std::string disk = directory_.file("disk");
    std::filesystem::create_directory(disk);
    if (testing::run_command("mount -t tmpfs -o size=512k none " + disk).exit_code != 0)
        GTEST_SKIP() << "no mounts here";
    const auto output = replay(copy, "prod", "disk/out", "--speed max --ignore-start-state --results full");
    const auto reader = store::CaptureReader::open(disk + "/out");
    std::size_t read = 0;
    if (reader) {
        while (auto event = (*reader)->next().value()) ++read;
        EXPECT_EQ((*reader)->damage().bad_chunks, 0U);
        EXPECT_TRUE((*reader)->damage().trailer_missing);
    }
    testing::run_command("umount " + disk);
    EXPECT_EQ(output.exit_code, 4) << output.out;
    EXPECT_THAT(output.out, HasSubstr("No space left on device"));
    const std::size_t said = output.out.find("understudy: ");
    ASSERT_NE(said, std::string::npos) << output.out;
    EXPECT_EQ(lines(output.out.substr(said)), 1U) << output.out;
    ASSERT_TRUE(reader);
    EXPECT_GT(read, 0U);
}

TEST_F(Faults, ATruncatedCaptureIsReplayedAsFarAsItGoes) {
    const std::string copy = copy_of(record(2, 50));
    std::filesystem::resize_file(file("prod"), std::filesystem::file_size(file("prod")) - 20);
    const auto output = replay(copy);
    EXPECT_EQ(output.exit_code, 0) << output.out;
    EXPECT_EQ(results(StepOutcome::complete).size(), 100U);
    std::filesystem::resize_file(file("prod"), 10);
    const auto stump = replay(copy, "prod", "never");
    EXPECT_EQ(stump.exit_code, 4) << stump.out;
    EXPECT_EQ(lines(stump.out), 1U) << stump.out;
    EXPECT_FALSE(std::filesystem::exists(file("never")));
}

TEST_F(Faults, ANewerCaptureIsRefused) {
    const std::string copy = copy_of(record(1, 1));
    std::fstream capture(file("prod"), std::ios::in | std::ios::out | std::ios::binary);
    capture.seekp(8);
    capture.write("\x03", 1);
    capture.close();
    const auto output = replay(copy);
    EXPECT_EQ(output.exit_code, 4) << output.out;
    EXPECT_THAT(output.out, HasSubstr("has capture format 3"));
    EXPECT_EQ(lines(output.out), 1U) << output.out;
}

TEST_F(Faults, WrongCallsDestroyNothing) {
    const std::string copy = copy_of(record(1, 3));
    const auto size = std::filesystem::file_size(file("prod"));
    EXPECT_EQ(replay(copy, "prod", "prod").exit_code, 2) << "the output is the capture";
    EXPECT_EQ(std::filesystem::file_size(file("prod")), size);
    std::ofstream(file("out")) << "precious";
    for (const std::string more :
         {"--speed 0", "--speed -1", "--speed nan", "--speed 1e-300", "--speed fast", "--results some",
          "--status nonsense", "--user-map x", "--drain soon", "--threads 0"}) {
        const auto output = replay(copy, "prod", "out", "--ignore-start-state " + more);
        EXPECT_EQ(output.exit_code, 2) << more << "\n" << output.out;
        EXPECT_EQ(std::filesystem::file_size(file("out")), 8U) << more;
    }
}

TEST_F(Faults, AWrongStartStateIsSaidWithWhatToRestore) {
    const std::string shop =
        new_database("create table item as select i as id, 'item ' || i as name from generate_series(1, 50) i");
    const std::string copy = copy_of(shop, "update item set name = 'other'");
    Recording recording(file("prod"));
    RecordedSession& session = recording.session(cluster().port(), shop);
    for (int i = 1; i <= 20; ++i) {
        const std::string id = std::to_string(i);
        session.ask(testing::fe::parse("", "select name from item where id = $1") +
                    testing::fe::bind("", "", {}, {id}) + testing::fe::describe_portal() + testing::fe::execute() +
                    testing::fe::sync());
        session.query("select id, name from item where id = " + id);
    }
    recording.finish();
    const auto stopped = replay(copy, "prod", "out", "--speed max");
    EXPECT_EQ(stopped.exit_code, 3) << stopped.out;
    EXPECT_THAT(stopped.out, HasSubstr("Bring it to"));
    EXPECT_THAT(stopped.out, HasSubstr("--ignore-start-state"));
    EXPECT_FALSE(std::filesystem::exists(file("out")));
    EXPECT_EQ(replay(copy).exit_code, 0);
    EXPECT_EQ(compare().kinds(), std::set<std::string>{"value"});
    const auto sound = replay(copy_of(shop), "prod", "out", "--speed max");
    EXPECT_EQ(sound.exit_code, 0) << sound.out;
    EXPECT_THAT(sound.out, HasSubstr("early reads give the recorded answer"));
}

TEST_F(Faults, TheStatusIsServedWhileItRuns) {
    const std::string copy = copy_of(record(2, 4, "select pg_sleep(0.5)"));
    const int port = 20000 + (getpid() % 20000);
    std::string status;
    std::string metrics;
    std::string health;
    const auto output = replay_while(
        cluster().conninfo(copy), "--speed 1 --ignore-start-state --status 127.0.0.1:" + std::to_string(port), [&] {
            wait_for(cluster(), "select count(*) = 2 from pg_stat_activity where datname = '" + copy +
                                    "' and query like 'select pg_sleep%'");
            status = http(port, "/status");
            metrics = http(port, "/metrics");
            health = http(port, "/healthz");
        });
    EXPECT_EQ(output.exit_code, 0) << output.out;
    EXPECT_THAT(health, HasSubstr("ok\n"));
    EXPECT_THAT(metrics, HasSubstr("understudy_replay_sessions_open 2\n"));
    ASSERT_NE(status.find("\r\n\r\n"), std::string::npos) << status;
    const auto json = nlohmann::json::parse(status.substr(status.find("\r\n\r\n")));
    EXPECT_EQ(json["sessions"]["open"], 2);
}

TEST_F(Faults, AtMaxNoMoreConnectionsAreOpenThanWereRecorded) {
    const std::string shop = new_database("create table seen (n int)");
    const std::string copy = copy_of(shop);
    Recording recording(file("prod"));
    for (int i = 0; i < 12; ++i) {
        RecordedSession& session = recording.session(cluster().port(), shop);
        session.query("insert into seen select count(*) from pg_stat_activity where datname = current_database()");
        session.query("select pg_sleep(0.02)").close();
    }
    recording.finish();
    const auto output = replay(copy);
    EXPECT_EQ(output.exit_code, 0) << output.out;
    EXPECT_EQ(cluster().psql("select count(*) from seen", copy), "12\n");
    EXPECT_LE(std::stoi(cluster().psql("select max(n) from seen", copy)), 3)
        << "one, and ones that are just going away";
}

TEST_F(Faults, RequestsAfterASessionsEndDoNoHarm) {
    const std::string shop = new_database();
    const std::string copy = copy_of(shop);
    Recording recording(file("prod"));
    RecordedSession& session = recording.session(cluster().port(), shop);
    session.query("select pg_sleep(0.3)").close();
    for (std::uint32_t i = 1; i < 20; ++i) {
        const auto time = system_clock().now();
        recording.add(Request{session.id(), Ordinal(i), StepIndex(0), time, {}, false, testing::fe::query("select 1")});
        recording.add(SessionClosed{session.id(), time, SessionEnd::terminate, {}, {}});
    }
    recording.finish();
    const auto output = replay(copy);
    EXPECT_EQ(output.exit_code, 0) << output.out;
    EXPECT_THAT(results(StepOutcome::unanswered), IsEmpty());
}

}  // namespace
}  // namespace understudy::replay
