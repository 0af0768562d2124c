#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/throwaway_cluster.hpp"

namespace understudy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr std::chrono::seconds kPatience{30};

/// `understudy capture` on the loopback interface, as a child process. Live capture needs CAP_NET_RAW:
/// without it start() fails the test and says so.
class LiveCapture {
public:
    LiveCapture(int port, std::string output, std::string log)
        : port_(port), output_(std::move(output)), log_(std::move(log)) {}
    ~LiveCapture() {
        if (child_ > 0) kill(child_, SIGKILL);
        if (child_ > 0) waitpid(child_, nullptr, 0);
    }
    LiveCapture(const LiveCapture&) = delete;
    LiveCapture& operator=(const LiveCapture&) = delete;

    void start(const std::string& more = "") {
        const std::string command = std::string("exec " UNDERSTUDY_BINARY " capture --interface lo --port ") +
                                    std::to_string(port_) + " --output " + output_ + " " + more + " 2> " + log_;
        child_ = fork();
        if (child_ == 0) {
            execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
            _exit(127);
        }
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (log().find("capturing on lo") == std::string::npos) {
            int status = 0;
            if (waitpid(child_, &status, WNOHANG) == child_) child_ = 0;
            ASSERT_TRUE(child_ != 0 && std::chrono::steady_clock::now() < deadline)
                << "cannot capture; this test needs root or CAP_NET_RAW: " << log();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    /// Sends the signal and returns the exit code.
    int end(int signal_number = SIGINT) {
        // What passed before is in the kernel's buffer for at most a poll.
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        kill(child_, signal_number);
        int status = 0;
        waitpid(child_, &status, 0);
        child_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    [[nodiscard]] std::string log() const {
        std::ifstream file(log_);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    int port_;
    std::string output_;
    std::string log_;
    pid_t child_ = 0;
};

unsigned mode_of(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0U;
}

Json inspect(const std::string& path) {
    const CommandOutput output = run_command(UNDERSTUDY_BINARY " inspect --json " + path);
    EXPECT_EQ(output.exit_code, 0) << output.out;
    return Json::parse(output.out);
}

std::uint64_t number(const Json& json, const std::string& name) {
    return json.contains(name) ? json[name].get<std::uint64_t>() : 0;
}

void expect_whole(const Json& summary) {
    EXPECT_TRUE(summary["complete"].get<bool>());
    EXPECT_EQ(summary["gaps"], 0);
    EXPECT_EQ(summary["unresolved_requests"], 0);
    for (const auto& [name, value] : summary["loss"].items()) EXPECT_EQ(value, 0) << name;
    EXPECT_EQ(summary["steps"]["incomplete"], 0);
    EXPECT_EQ(summary["steps"]["unanswered"], 0);
}

class LiveCaptureTest : public ::testing::Test {
protected:
    static std::string pgbench() {
        for (const char* version : {"15", "16", "17", "18", "14", "13"}) {
            const std::string path = std::string("/usr/lib/postgresql/") + version + "/bin/pgbench";
            if (std::filesystem::exists(path)) return path;
        }
        return "pgbench";
    }
    CommandOutput run_pgbench(const std::string& arguments) {
        return run_command("PGHOST=127.0.0.1 PGUSER=postgres PGSSLMODE=disable PGPORT=" +
                           std::to_string(cluster.port()) + " " + pgbench() + " " + arguments + " " + database);
    }

    ThrowawayCluster& cluster = ThrowawayCluster::shared();
    std::string database = cluster.create_database("live");
    TemporaryDirectory directory;
    std::string output = directory.file("live.pgcap");
    LiveCapture capture{cluster.port(), output, directory.file("log")};
};

TEST_F(LiveCaptureTest, APsqlSessionIsRecordedAsItWasRun) {
    ASSERT_NO_FATAL_FAILURE(capture.start());
    std::ofstream(directory.file("script.sql")) << "create table t (a int primary key);\n"
                                                   "insert into t select generate_series(1, 10);\n"
                                                   "select * from t;\n"
                                                   "insert into t values (1);\n"  // 23505
                                                   "select * from nowhere;\n"     // 42P01
                                                   "begin; select 1; rollback;\n"
                                                   "copy t from stdin;\n11\n12\n\\.\n"
                                                   "copy t to stdout;\n"
                                                   "create role live_role password 'hunter2';\n"
                                                   "drop role live_role;\n";
    const CommandOutput psql = run_command("PGSSLMODE=disable PGGSSENCMODE=disable psql -X -q -f " +
                                           directory.file("script.sql") + " '" + cluster.conninfo(database) + "'");
    EXPECT_EQ(psql.exit_code, 0) << psql.out;
    EXPECT_EQ(capture.end(), 0) << capture.log();

    const Json summary = inspect(output);
    expect_whole(summary);
    EXPECT_EQ(summary["sessions"], 1);
    EXPECT_EQ(summary["session_ends"].size(), 1U);
    EXPECT_EQ(number(summary["messages"]["frontend"], "Query"), 12U);
    EXPECT_EQ(summary["exchanges"], 12);
    EXPECT_EQ(summary["errors"], 2);
    EXPECT_EQ(number(summary["sqlstates"], "23505"), 1U);
    EXPECT_EQ(number(summary["sqlstates"], "42P01"), 1U);
    EXPECT_EQ(summary["rows"], 11) << "of the two SELECTs";
    EXPECT_EQ(number(summary["messages"]["frontend"], "CopyDone"), 1U);
    EXPECT_EQ(number(summary["messages"]["backend"], "CopyOutResponse"), 1U);
    EXPECT_EQ(number(summary["users"], "postgres"), 1U);
    EXPECT_EQ(number(summary["databases"], database), 1U);

    EXPECT_EQ(mode_of(output), 0600U);
    EXPECT_EQ(mode_of(output + ".key"), 0600U);
    const CommandOutput text = run_command(UNDERSTUDY_BINARY " inspect --what exchanges " + output);
    EXPECT_THAT(text.out, HasSubstr("create role live_role password '*******'"));
    EXPECT_THAT(text.out, Not(HasSubstr("hunter2")));
}

TEST_F(LiveCaptureTest, APgbenchRunIsRecordedAsItWasRun) {
    ASSERT_EQ(run_pgbench("-i -q -s 1").exit_code, 0);
    ASSERT_NO_FATAL_FAILURE(capture.start());
    const CommandOutput bench = run_pgbench("-n -c 4 -t 50 -M prepared");
    EXPECT_THAT(bench.out, HasSubstr("200/200"));
    EXPECT_EQ(capture.end(SIGTERM), 0) << capture.log();

    const Json summary = inspect(output);
    expect_whole(summary);
    // pgbench asks for its scale over a connection of its own. A transaction is BEGIN, five statements and
    // END.
    EXPECT_EQ(summary["sessions"], 5);
    EXPECT_EQ(number(summary["messages"]["frontend"], "Execute"), 7U * 200U);
    EXPECT_EQ(number(summary["messages"]["frontend"], "Bind"), 7U * 200U);
    EXPECT_EQ(number(summary["messages"]["frontend"], "Parse"), 7U * 4U)
        << "each connection prepares each statement once";
    EXPECT_EQ(number(summary["messages"]["backend"], "CommandComplete"),
              7U * 200U + number(summary["messages"]["frontend"], "Query"));
    EXPECT_EQ(summary["errors"], 0);
    const Json statements =
        Json::parse(run_command(UNDERSTUDY_BINARY " inspect --what statements --json " + output).out);
    std::uint64_t ends = 0;
    for (const Json& statement : statements["statements"]) {
        if (statement.dump().find("INSERT INTO pgbench_history") != std::string::npos ||
            statement.dump().find("insert into pgbench_history") != std::string::npos) {
            ends += number(statement, "count");
        }
    }
    EXPECT_EQ(ends, 200U);
}

TEST_F(LiveCaptureTest, SessionsOpenBeforeAndAfterAreJoinedAndLeftOpen) {
    std::ofstream(directory.file("slow.sql")) << "select 1;\n\\! touch " << directory.file("ready") << "; while [ ! -e "
                                              << directory.file("go") << " ]; do sleep 0.05; done\n"
                                              << "select 2;\nselect 3;\nselect pg_sleep(60);\n";
    std::thread client([&] {
        run_command("PGSSLMODE=disable PGGSSENCMODE=disable psql -X -q -f " + directory.file("slow.sql") + " '" +
                    cluster.conninfo(database) + " application_name=slow'");
    });
    while (!std::filesystem::exists(directory.file("ready")))
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    capture.start();
    std::ofstream(directory.file("go")) << "go";
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    const auto asleep = [&] {  // through the server's socket directory nothing would be seen; this is one
                               // more session
        return cluster.psql(
            "select count(*) from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'");
    };
    while (asleep() != "1\n" && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const int exit_code = HasFatalFailure() ? 0 : capture.end();
    cluster.psql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'slow'");
    client.join();
    ASSERT_FALSE(HasFatalFailure());
    EXPECT_EQ(exit_code, 0) << capture.log();
    const Json summary = inspect(output);
    EXPECT_EQ(summary["joined_sessions"], 1);
    EXPECT_EQ(summary["steps"]["unanswered"], 1) << "the sleep";
    EXPECT_TRUE(summary["complete"].get<bool>());
}

}  // namespace
}  // namespace understudy::testing
