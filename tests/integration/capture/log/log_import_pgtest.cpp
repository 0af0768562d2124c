#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <thread>

#include "capture/log/log_source.hpp"
#include "tests/support/throwaway_cluster.hpp"
#include "tests/unit/capture/log/assembled_log.hpp"

namespace understudy::testing {
namespace {

using ::testing::ElementsAreArray;

constexpr const char* kPrefix = "%m [%p] %q%u@%d|%a|%r %c %v %e %i ";

/// One server that writes all three formats at once.
class LoggingServer {
public:
    static LoggingServer& instance() {
        static LoggingServer server;
        return server;
    }
    [[nodiscard]] std::string conninfo(const std::string& options) const {
        return cluster_->conninfo() + " options='-c log_parameter_max_length_on_error=-1 " + options + "'";
    }
    [[nodiscard]] const ThrowawayCluster& cluster() const { return *cluster_; }
    [[nodiscard]] std::string path(const std::string& suffix) const {
        const std::string& log = cluster_->log_path();
        return log.substr(0, log.rfind('/')) + "/data/log/pg" + suffix;
    }
    /// Waits until the collector has written `text` to all three files.
    void wait_for(const std::string& text) const {
        for (const char* suffix : {".csv", ".json", ""}) {
            for (int i = 0;; ++i) {
                std::ifstream file(path(suffix));
                const std::string content((std::istreambuf_iterator<char>(file)), {});
                if (content.find(text) != std::string::npos) break;
                ASSERT_LT(i, 500) << path(suffix) << " has no " << text;
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        }
    }

private:
    LoggingServer() {
        ThrowawayCluster::Options options;
        options.settings = {"logging_collector = on",  "log_destination = 'csvlog,jsonlog,stderr'",
                            "log_filename = 'pg'",     "log_rotation_age = 0",
                            "log_rotation_size = 0",   "log_connections = on",
                            "log_disconnections = on", std::string("log_line_prefix = '") + kPrefix + "'"};
        cluster_ = ThrowawayCluster::start(options);
    }
    std::unique_ptr<ThrowawayCluster> cluster_;
};

/// What an import said of one application.
class Imported final : public EventSink {
public:
    Imported(const std::string& path, const std::string& application) : application_(application) {
        capture::LogOptions options;
        options.files = {path};
        if (path.ends_with("/pg")) options.line_prefix = kPrefix;
        options.policy = ResultsPolicy::full;
        auto result = capture::import_logs(options, Digester(DigestKey::generate()), *this);
        EXPECT_TRUE(result) << result.error().message;
        report = std::move(*result);
        for (const auto& [session, text] : by_session_) asked += text;
    }
    void on_event(Event&& event) override {
        if (const auto* opened = std::get_if<SessionOpened>(&event)) {
            if (opened->identity.application == application_) sessions_[opened->session] = *opened;
        }
        if (const auto* request = std::get_if<Request>(&event);
            request != nullptr && sessions_.count(request->session)) {
            EXPECT_GE(request->time, last_[request->session]);
            last_[request->session] = request->time;
            ++requests;
            std::string text = capture::testing::described(request->frames);
            // Whether a Parse went with its first Bind is a matter of time.
            if (const std::size_t sync = text.rfind(" Sync"); sync != std::string::npos) text.resize(sync);
            by_session_[request->session] += text + "\n";
            unresolved += request->unresolved ? text + "\n" : "";
        }
        if (const auto* response = std::get_if<Response>(&event);
            response != nullptr && sessions_.count(response->session)) {
            for (const StepResult& result : response->results) {
                if (!result.error) continue;
                errors.push_back(std::string(result.error->sqlstate()) + " " + std::string(result.error->get('M')) +
                                 "|" + std::string(result.error->get('D')) + "|" + std::string(result.error->get('P')));
            }
        }
    }
    [[nodiscard]] const SessionOpened& session() const { return sessions_.begin()->second; }

    capture::LogReport report;
    std::string asked;  ///< session after session: the order between sessions may differ where times are equal
    std::string unresolved;
    std::size_t requests = 0;
    std::vector<std::string> errors;

private:
    std::string application_;
    std::map<SessionId, SessionOpened> sessions_;
    std::map<SessionId, Timestamp> last_;
    std::map<SessionId, std::string> by_session_;
};

class Client {
public:
    explicit Client(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
        EXPECT_EQ(PQstatus(connection_), CONNECTION_OK) << PQerrorMessage(connection_);
        PQsetNoticeProcessor(
            connection_, [](void*, const char*) {}, nullptr);
    }
    ~Client() { PQfinish(connection_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void query(const std::string& sql) {
        PQclear(PQexec(connection_, sql.c_str()));
        sent += "Query(" + sql + ")\n";
    }
    using Values = std::vector<const char*>;
    void execute(const std::string& sql, const Values& values, bool parse_only = false) {
        PQclear(PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                             nullptr, 0));
        sent += "Parse(, " + sql + ")" + (parse_only ? "\n" : " " + bind("", values) + " Execute()\n");
    }
    void prepare_and_execute(const std::string& name, const std::string& sql, const std::vector<Values>& all) {
        PQclear(PQprepare(connection_, name.c_str(), sql.c_str(), 0, nullptr));
        sent += "Parse(" + name + ", " + sql + ") ";
        for (const Values& values : all) {
            PQclear(PQexecPrepared(connection_, name.c_str(), static_cast<int>(values.size()), values.data(), nullptr,
                                   nullptr, 0));
            sent += bind(name, values) + " Execute()\n";
        }
    }
    void pipeline(const std::vector<std::string>& statements) {
        PQenterPipelineMode(connection_);
        for (const std::string& sql : statements) {
            PQsendQueryParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
            sent += "Parse(, " + sql + ") Bind(, ) Execute()\n";
        }
        PQpipelineSync(connection_);
        for (int ends = 0; ends < 100;) {
            PGresult* result = PQgetResult(connection_);
            const bool last = result != nullptr && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
            ends = result == nullptr ? ends + 1 : 0;
            PQclear(result);
            if (last) break;
        }
        PQexitPipelineMode(connection_);
    }
    void copy_in(const std::string& sql, const std::string& data) {
        PQclear(PQexec(connection_, sql.c_str()));
        PQputCopyData(connection_, data.data(), static_cast<int>(data.size()));
        PQputCopyEnd(connection_, nullptr);
        while (PGresult* result = PQgetResult(connection_)) PQclear(result);
        sent += "Query(" + sql + ")\n";
    }

    std::string sent;

private:
    static std::string bind(const std::string& name, const Values& values) {
        std::string text = "Bind(, " + name;
        for (const char* value : values) text += value == nullptr ? ", NULL" : std::string(", '") + value + "'";
        return text + ")";
    }
    PGconn* connection_;
};

void work(Client& client) {
    client.query("create temp table t(a int, b text)");
    client.execute("insert into t values ($1::int,\n\t$2)",
                   {"1", "it's, \"q\"\n', $2 = ' \\ \t\r\n\t\xc3\xbc \xf0\x9f\x98\x80"});
    client.execute("insert into t values ($1::int, $2)", {"2", nullptr});
    client.execute("select $1::text || $2 || $3 || $4 || $5 || $6 || $7 || $8 || $9 || $10 || $11",
                   {"1", "2", "3", "4", "5", "6", "7", "8", "9", "", "11"});
    client.prepare_and_execute("S_1", "select * from t\nwhere a = $1", {{"1"}, {"2"}, {nullptr}});
    client.query("select 1/0");
    client.query("select 1; select 'a;b'; select nope");
    client.query("selec 1");
    client.query("insert into nowhere values ('canary')");
    client.execute("selec $1::int", {"1"}, true);
    client.execute("select 1/length($1)", {""});
    client.query("begin");
    client.query("declare c cursor for\n\n  select generate_series(1, 100) -- comment\n");
    client.query("fetch 10 from c");
    client.query("commit");
    client.query("prepare p as select $1::int + 1");
    client.query("execute p(3)");
    client.query("do $$ begin raise exception 'bad %', 'thing' using detail = 'some detail'; end $$");
    client.copy_in("copy t from stdin", "5\tx\n");
    client.query("");
    client.pipeline({"select 1", "select 'LOG:  statement: no'", "select 3"});
    client.query("select 'last of " + std::to_string(client.sent.size()) + "'");
}

class LogImport : public ::testing::TestWithParam<const char*> {};

TEST_P(LogImport, AllFormatsTellWhatWasSent) {
    LoggingServer& server = LoggingServer::instance();
    const std::string application = "my app " + std::to_string(std::hash<std::string>{}(GetParam()));
    std::string sent;
    {
        Client client(server.conninfo(GetParam()) + " application_name='" + application + "'");
        work(client);
        sent = client.sent;
    }
    // The next session's beginning comes after this one's end.
    PQfinish(PQconnectdb((server.conninfo("") + " application_name='after " + application + "'").c_str()));
    server.wait_for("application_name=after " + application);
    const Imported csv(server.path(".csv"), application);
    const Imported json(server.path(".json"), application);
    const Imported text(server.path(""), application);
    EXPECT_EQ(csv.asked, sent);
    EXPECT_EQ(json.asked, sent);
    EXPECT_EQ(text.asked, sent);
    EXPECT_EQ(csv.unresolved, "");
    EXPECT_EQ(csv.errors, json.errors);
    EXPECT_EQ(csv.errors, text.errors);
    EXPECT_THAT(csv.errors, ElementsAreArray({"22012 division by zero||", "42703 column \"nope\" does not exist||32",
                                              "42601 syntax error at or near \"selec\"||1",
                                              "42P01 relation \"nowhere\" does not exist||13",
                                              "42601 syntax error at or near \"selec\"||1", "22012 division by zero||",
                                              "P0001 bad thing|some detail|"}));
    for (const Imported* each : {&csv, &json, &text}) {
        EXPECT_FALSE(each->session().joined);
        EXPECT_EQ(each->session().identity.user, "postgres");
        EXPECT_EQ(each->session().identity.database, "postgres");
        EXPECT_EQ(each->session().identity.client, csv.session().identity.client);
        EXPECT_EQ(each->session().session, csv.session().session);
        EXPECT_EQ(each->report.files[0].skipped.count("unparsed line"), 0U);
    }
}

INSTANTIATE_TEST_SUITE_P(Settings, LogImport,
                         ::testing::Values("-c log_statement=all",
                                           "-c log_statement=all -c log_min_duration_statement=0",
                                           "-c log_min_duration_statement=0", "-c log_statement=all -c log_duration=on",
                                           "-c log_min_duration_statement=0 -c log_error_verbosity=verbose"));

class LogOfPgbench : public ::testing::TestWithParam<const char*> {};

TEST_P(LogOfPgbench, EveryStatementIsThere) {
    LoggingServer& server = LoggingServer::instance();
    const std::string mode = GetParam();
    const std::string database = "bench_" + mode;
    server.cluster().psql("create database " + database);
    const std::string where =
        " -h 127.0.0.1 -U postgres -p " + std::to_string(server.cluster().port()) + " " + database;
    const std::string pgbench = "$(ls -d /usr/lib/postgresql/*/bin | tail -1)/pgbench";
    ASSERT_EQ(run_command(pgbench + " -q -i -s 1" + where).exit_code, 0);
    const CommandOutput run = run_command("PGAPPNAME=" + database + " PGOPTIONS='-c log_statement=all' " + pgbench +
                                          " -n -M " + mode + " -c 4 -t 50" + where);
    ASSERT_EQ(run.exit_code, 0) << run.out;
    PQfinish(PQconnectdb((server.conninfo("") + " application_name=after_" + database).c_str()));
    server.wait_for("application_name=after_" + database);
    const Imported csv(server.path(".csv"), database);
    const Imported json(server.path(".json"), database);
    const Imported text(server.path(""), database);
    const auto count = [](const std::string& in, const std::string& what) {
        std::size_t found = 0;
        for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++found;
        return found;
    };
    const std::string tables[] = {"UPDATE pgbench_accounts", "SELECT abalance", "UPDATE pgbench_tellers",
                                  "UPDATE pgbench_branches", "INSERT INTO pgbench_history"};
    for (const std::string& table : tables) {
        // Prepared statements appear once for each of the four sessions.
        EXPECT_EQ(count(csv.asked, table), mode == "prepared" ? 4U : 200U) << table;
    }
    EXPECT_EQ(csv.requests, 200U * 7U + 2U) << "and pgbench's two questions about its tables";
    EXPECT_EQ(csv.unresolved, "");
    EXPECT_EQ(json.requests, csv.requests);
    EXPECT_EQ(text.requests, csv.requests);
    EXPECT_EQ(json.asked, csv.asked);
    EXPECT_EQ(text.asked, csv.asked);
    EXPECT_TRUE(csv.errors.empty());
}

INSTANTIATE_TEST_SUITE_P(Modes, LogOfPgbench, ::testing::Values("simple", "extended", "prepared"));

}  // namespace
}  // namespace understudy::testing
