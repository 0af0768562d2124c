#include "tests/integration/replay/replay_fixture.hpp"

namespace understudy::replay {
namespace {

using ::testing::AllOf;
using testing::CommandOutput;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Recording;
using testing::ThrowawayCluster;

/// A staging server that logs every statement, and a capture that would leave a trace on it.
class Interlock : public ReplayTest {
protected:
    static ThrowawayCluster& staging() {
        static const auto server = [] {
            ThrowawayCluster::Options options;
            options.settings = {"log_statement = all", "wal_level = logical"};
            return ThrowawayCluster::start(options);
        }();
        return *server;
    }
    static std::string identifier(const ThrowawayCluster& server) {
        const std::string line = server.psql("select system_identifier from pg_control_system()");
        return line.substr(0, line.size() - 1);
    }
    static std::string log_of(const ThrowawayCluster& server) {
        std::ifstream log(server.log_path());
        return {std::istreambuf_iterator<char>(log), {}};
    }
    static bool arrived(const std::string& what = "trace") { return log_of(staging()).find(what) != std::string::npos; }

    static std::string staging_database(bool marked = true) {
        const std::string name = staging().create_database("stage");
        if (marked) mark(staging(), name);
        return name;
    }
    static void mark(const ThrowawayCluster& server, const std::string& database) {
        const auto output =
            testing::run_command(UNDERSTUDY_BINARY " target --mark \"" + server.conninfo(database) + "\"");
        if (output.exit_code != 0) throw std::runtime_error(output.out);
    }
    /// Every capture asks something of its own, so that the log tells.
    void record(std::uint64_t system_identifier, std::vector<Bytes> queries = {},
                std::vector<std::pair<Bytes, Bytes>> startup = {}) {
        trace_ = "trace_" + std::to_string(++traces_);
        Recording recording(file("prod"), {system_identifier, ResultsPolicy::full});
        auto& session = recording.session(cluster().port(), "postgres", "postgres", std::move(startup));
        session.query("select 1 as " + trace_);
        for (const Bytes& query : queries) session.query(query);
        recording.finish();
    }
    void record() { record(std::stoull(identifier(cluster()))); }
    CommandOutput replay_into(const std::string& database, const std::string& more = "") {
        return replay_to(staging().conninfo(database), "prod", "out", "--speed max --ignore-start-state " + more);
    }
    void expect_refused(const CommandOutput& output, const std::string& why, const std::string& what_to_do) {
        EXPECT_EQ(output.exit_code, 4) << output.out;
        EXPECT_THAT(output.out, AllOf(HasSubstr(why), HasSubstr(what_to_do)));
        EXPECT_EQ(lines(output.out), 1U) << output.out;
        EXPECT_FALSE(arrived(trace_)) << "a recorded statement was sent";
    }

    static inline int traces_ = 0;
    std::string trace_;
};

TEST_F(Interlock, AMarkedDatabaseOfAnotherServerIsReplayedInto) {
    record();
    const auto output = replay_into(staging_database());
    EXPECT_EQ(output.exit_code, 0) << output.out;
    EXPECT_TRUE(arrived(trace_)) << "or the other tests would prove nothing";
}

TEST_F(Interlock, AnUnmarkedDatabase) {
    record();
    expect_refused(replay_into(staging_database(false)), "not marked", "understudy target --mark");
}

TEST_F(Interlock, AMarkerThatNamesAnotherServer) {
    record();
    const std::string database = staging_database(false);
    staging().psql("alter database " + database + " set understudy.target = 'staging:4711'");
    expect_refused(replay_into(database), "names the server 4711", "mark it anew");
    staging().psql("alter database " + database + " set understudy.target = 'yes'");
    expect_refused(replay_into(database), "does not read staging:", "mark it anew");
}

TEST_F(Interlock, AMarkerInACommentThatADumpCarriedAlong) {
    record();
    const std::string marked = new_database();
    cluster().psql("comment on database " + marked + " is 'understudy.target=staging:" + identifier(cluster()) + "'");
    const auto dumped = testing::run_command(
        "pg_dump -C -h 127.0.0.1 -p " + std::to_string(cluster().port()) + " -U postgres " + marked +
        " | psql -q -X -h 127.0.0.1 -U postgres -d postgres -p " + std::to_string(staging().port()));
    ASSERT_EQ(dumped.exit_code, 0) << dumped.out;
    ASSERT_THAT(staging().psql("select shobj_description(oid, 'pg_database') from pg_database where datname = '" +
                               marked + "'"),
                HasSubstr("staging:"));
    expect_refused(replay_into(marked), "names the server " + identifier(cluster()), "mark it anew");
}

TEST_F(Interlock, ProductionItself) {
    record(std::stoull(identifier(staging())));
    expect_refused(replay_into(staging_database()), "it is production, or a physical copy", "pg_restore");
    record(0);
    expect_refused(replay_into(staging_database(), "--production-id " + identifier(staging())), "it is production",
                   "pg_restore");
    record();
    expect_refused(replay_into(staging_database(), "--production-id " + identifier(staging())), "it is production",
                   "pg_restore");
}

TEST_F(Interlock, NoneDoesNotOverruleARecordedIdentifier) {
    record(std::stoull(identifier(staging())));
    expect_refused(replay_into(staging_database(), "--production-id none"), "it is production", "pg_restore");
}

TEST_F(Interlock, ACaptureThatDoesNotSayWhereItComesFrom) {
    record(0);
    const std::string database = staging_database();
    expect_refused(replay_into(database), "does not say which server", "--production-id");
    const auto nonsense = replay_into(database, "--production-id staging");
    EXPECT_EQ(nonsense.exit_code, 2) << nonsense.out;
    EXPECT_FALSE(arrived(trace_));
    EXPECT_EQ(replay_into(database, "--production-id " + identifier(cluster())).exit_code, 0);
    EXPECT_TRUE(arrived(trace_));
    record(0);
    EXPECT_EQ(replay_into(database, "--production-id none").exit_code, 0);
    EXPECT_TRUE(arrived(trace_));
}

TEST_F(Interlock, AReplayOfAReplayStillKnowsProduction) {
    record(std::stoull(identifier(staging())));
    const auto own = copy_of(new_database());
    ASSERT_EQ(replay(own).exit_code, 0);
    const auto again = replay_to(staging().conninfo(staging_database()), "out", "out2");
    expect_refused(again, "it is production", "pg_restore");
}

TEST_F(Interlock, ACopyMadeWithTemplateIsNotMarked) {
    record();
    const std::string database = staging_database();
    staging().psql("create database copied_" + database + " template " + database);
    expect_refused(replay_into("copied_" + database), "not marked", "understudy target --mark");
}

TEST_F(Interlock, ASessionCannotMarkForItself) {
    record(std::stoull(identifier(cluster())), {},
           {{"options", "-c understudy.target=staging:" + identifier(staging())}});
    expect_refused(replay_into(staging_database(false)), "not marked", "understudy target --mark");
    const std::string database = staging_database(false);
    staging().psql("alter role postgres in database " + database +
                   " set understudy.target = 'staging:" + identifier(staging()) + "'");
    expect_refused(replay_into(database), "not marked", "understudy target --mark");
}

TEST_F(Interlock, EachDatabaseOfTheCaptureIsChecked) {
    const std::string one = staging_database();
    const std::string other = staging_database(false);
    Recording recording(file("prod"), {std::stoull(identifier(cluster())), ResultsPolicy::full});
    recording.session(cluster().port(), "postgres").query("select 1 as first_database");
    recording.session(cluster().port(), "template1").query("select 1 as trace_other");
    recording.finish();
    const auto output = replay_to(
        "host=127.0.0.1 user=postgres port=" + std::to_string(staging().port()), "prod", "out",
        "--speed max --ignore-start-state --database-map postgres=" + one + " --database-map template1=" + other);
    EXPECT_EQ(output.exit_code, 4) << output.out;
    EXPECT_THAT(output.out, HasSubstr("database \"" + other + "\" is not marked"));
    EXPECT_FALSE(arrived("trace_other"));
}

TEST_F(Interlock, ARoleThatCannotTellTheServer) {
    record();
    const std::string database = staging_database();
    staging().psql("create role blind login; revoke execute on function pg_control_system() from public", database);
    const auto output = replay_to(
        "host=127.0.0.1 user=blind port=" + std::to_string(staging().port()) + " dbname=" + database, "prod", "out");
    expect_refused(output, "may not read the system identifier", "GRANT EXECUTE");
}

TEST_F(Interlock, AStandby) {
    record();
    const std::string database = staging_database();
    const std::string hba = staging().psql("show hba_file");
    std::ofstream(hba.substr(0, hba.size() - 1), std::ios::app) << "host replication all 127.0.0.1/32 trust\n";
    staging().psql("select pg_reload_conf()");
    const testing::TemporaryDirectory directory;
    const std::string data = directory.file("standby");
    const std::string port = std::to_string(staging().port());
    const std::string as_server = geteuid() == 0 ? "setpriv --reuid postgres --regid postgres --clear-groups " : "";
    const std::string bin = "$(dirname $(readlink -f $(ls -d /usr/lib/postgresql/*/bin/pg_ctl | tail -1)))";
    const auto started = testing::run_command(
        "chmod 777 " + directory.path() + " && " + as_server + bin + "/pg_basebackup -h 127.0.0.1 -U postgres -p " +
        port + " -R -c fast -D " + data + " 2>&1 && " + as_server + bin + "/pg_ctl -w -D " + data + " -o '-c port=1" +
        port.substr(1) + " -c unix_socket_directories=" + directory.path() + "' -l " + data + "/log start");
    if (started.exit_code != 0) GTEST_SKIP() << "no standby here: " << started.out;
    const auto output =
        replay_to("host=127.0.0.1 user=postgres port=1" + port.substr(1) + " dbname=" + database, "prod", "out");
    testing::run_command(as_server + bin + "/pg_ctl -m immediate -D " + data + " stop");
    expect_refused(output, "on a standby", "staging server of its own");
}

TEST_F(Interlock, WhatActsOutsideTheDatabaseMustBeAllowedByName) {
    struct Case {
        const char* sql;
        const char* hazard;
    };
    for (const Case& hazard :
         {Case{"create foreign data wrapper w; create server far foreign data wrapper w", "foreign server far"},
          Case{"create extension dblink", "extension dblink"},
          Case{"create subscription sub connection 'host=nowhere dbname=x' publication p with (connect = "
               "false); "
               "alter subscription sub set (slot_name = 's'); alter subscription sub enable",
               "subscription sub"}}) {
        record();
        const std::string database = staging_database();
        staging().psql(hazard.sql, database);
        expect_refused(replay_into(database), hazard.hazard, std::string("--allow '") + hazard.hazard + "'");
        expect_refused(replay_into(database, "--allow 'something else'"), hazard.hazard, "--allow");
        const auto allowed = replay_into(database, std::string("--allow '") + hazard.hazard + "'");
        EXPECT_EQ(allowed.exit_code, 0) << allowed.out;
        if (std::string(hazard.hazard).starts_with("subscription")) {
            staging().psql(
                "alter subscription sub disable; alter subscription sub set (slot_name = none); drop "
                "subscription sub",
                database);
        }
    }
}

TEST_F(Interlock, RecordedStatementsThatActOutsideAreNotSent) {
    record(std::stoull(identifier(cluster())),
           {"copy (select 1) to program 'cat > /dev/null'", "alter system set work_mem = '5MB'",
            "select pg_terminate_backend(0)", "alter system reset work_mem", "select 2 as after_them"});
    const std::string database = staging_database();
    const auto output = replay_into(database);
    EXPECT_EQ(output.exit_code, 0) << output.out;
    EXPECT_FALSE(arrived("to program"));
    EXPECT_FALSE(arrived("work_mem"));
    EXPECT_FALSE(arrived("pg_terminate_backend"));
    EXPECT_TRUE(arrived("after_them"));
    EXPECT_EQ(results(StepOutcome::not_sent).size(), 4U);
    EXPECT_EQ(all<Response>().back().ordinal.value(), 5U);
    EXPECT_EQ(replay_into(database, "--allow pg_terminate_backend").exit_code, 0);
    EXPECT_TRUE(arrived("pg_terminate_backend"));
    EXPECT_FALSE(arrived("work_mem"));
}

}  // namespace
}  // namespace understudy::replay
