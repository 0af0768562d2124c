#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/sql/ddl_effects.hpp"
#include "schema/hazard/lock_effects.hpp"
#include "schema/hazard/read_facts.hpp"
#include "tests/integration/schema/hazard/truth_schema.hpp"
#include "tests/integration/schema/hazard/truth_statements.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::schema::hazard {
namespace {

using testing::ThrowawayCluster;

struct Connection {
    explicit Connection(const std::string& conninfo) : raw(PQconnectdb(conninfo.c_str()), &PQfinish) {}
    /// Rows of text; fails the test for an error and returns nothing.
    std::vector<std::vector<std::string>> rows(const std::string& sql, bool* failed = nullptr) const {
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(raw.get(), sql.c_str()), &PQclear);
        const ExecStatusType status = PQresultStatus(result.get());
        const bool bad = status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
        if (failed != nullptr) *failed = bad;
        if (bad && failed == nullptr) ADD_FAILURE() << sql << ": " << PQresultErrorMessage(result.get());
        if (bad) message = PQresultErrorMessage(result.get());
        std::vector<std::vector<std::string>> all;
        for (int i = 0; i < PQntuples(result.get()); ++i) {
            auto& row = all.emplace_back();
            for (int j = 0; j < PQnfields(result.get()); ++j) row.emplace_back(PQgetvalue(result.get(), i, j));
        }
        return all;
    }
    std::unique_ptr<PGconn, decltype(&PQfinish)> raw;
    mutable std::string message;
};

struct Seen {
    std::string lock;
    std::string work;
};
using Table = std::map<std::string, Seen>;

/// Strongest lock of this transaction on each relation that was there before, and what became of its rows.
Table server_truth(const Connection& connection, const std::string& statement, std::string* error) {
    connection.rows("begin");
    connection.rows(
        "create temp table before on commit drop as select c.oid, n.nspname || '.' || c.relname as name, "
        "c.relfilenode, pg_stat_get_xact_numscans(c.oid) as scans, c.relkind from pg_class c join pg_namespace n on "
        "n.oid = c.relnamespace where n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' and "
        "relkind in ('r','p','m','v','S')");
    bool failed = false;
    connection.rows(statement, &failed);
    Table table;
    if (failed) {
        *error = connection.message;
        connection.rows("rollback");
        return table;
    }
    const auto rows = connection.rows(
        "select b.name, l.mode, coalesce(b.relkind in ('r','m') and c.relfilenode <> b.relfilenode, false), b.relkind "
        "in "
        "('r','m') and pg_stat_get_xact_numscans(b.oid) > b.scans from before b join pg_locks l on l.relation = b.oid "
        "and "
        "l.pid = pg_backend_pid() and l.locktype = 'relation' left join pg_class c on c.oid = b.oid");
    for (const auto& row : rows) {
        Seen& seen = table[row[0]];
        const auto lock = sql::table_lock_of_mode(row[1]).value_or(sql::TableLock::none);
        const auto old = sql::table_lock_of_mode(seen.lock).value_or(sql::TableLock::none);
        if (lock > old) seen.lock = row[1];
        // Under weaker locks it is a query that reads, and nobody waits for it.
        const bool strong = lock > sql::TableLock::row_exclusive || old > sql::TableLock::row_exclusive;
        seen.work = row[2] == "t" ? "file" : row[3] == "t" && strong ? "read" : "none";
    }
    connection.rows("rollback");
    for (auto& [name, seen] : table) {
        seen.lock = to_string(sql::table_lock_of_mode(seen.lock).value_or(sql::TableLock::none));
    }
    return table;
}

/// In the same words: a new file, rows read, or neither.
Table prediction(const std::string& statement, const SchemaFacts& facts) {
    Table table;
    const auto actions = sql::ddl_effects(statement);
    EXPECT_TRUE(actions) << statement;
    if (!actions) return table;
    for (const LockEffect& effect : lock_effects(*actions, statement, facts)) {
        const bool rows = effect.facts == nullptr || effect.facts->kind == 'r' || effect.facts->kind == 'm';
        std::string work = "none";
        if (rows && (effect.work == TableWork::rewrite || effect.work == TableWork::empty)) work = "file";
        if (rows && (effect.work == TableWork::scan || effect.work == TableWork::index)) work = "read";
        const std::string name =
            (effect.table.schema.empty() ? "public" : effect.table.schema) + "." + effect.table.name;
        table[name] = {std::string(to_string(effect.lock)), work};
    }
    return table;
}

std::string text_of(const Table& table) {
    std::string text;
    for (const auto& [name, seen] : table) text += name + " " + seen.lock + " " + seen.work + "; ";
    return text;
}

class LockTruth : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        ThrowawayCluster& cluster = ThrowawayCluster::shared();
        const std::string database = cluster.create_database("locks");
        cluster.psql("alter database " + database + " set timezone = 'Europe/Berlin'");
        cluster.psql(kTruthSchema, database);
        connection = std::make_unique<Connection>(cluster.conninfo(database));
        auto control = catalog::ControlConnection::open(cluster.conninfo(database));
        ASSERT_TRUE(control) << control.error().message;
        WantedFacts wanted;
        const auto want = [&](const char* statement) {
            if (const auto actions = sql::ddl_effects(statement)) add_wanted(*actions, statement, wanted);
        };
        for (const char* statement : kStatements) want(statement);
        for (const char* statement : kAssumed) want(statement);
        auto read = read_facts(*control, wanted);
        ASSERT_TRUE(read) << read.error().message;
        facts = std::move(*read);
    }
    static void TearDownTestSuite() { connection.reset(); }

    static inline std::unique_ptr<Connection> connection;
    static inline SchemaFacts facts;
};

bool left_out(std::string_view statement, int server_major) {
    return server_major < 14 && std::find(std::begin(kNotOn13), std::end(kNotOn13), statement) != std::end(kNotOn13);
}

TEST_F(LockTruth, EachStatementLocksAndRewritesWhatIsPredicted) {
    std::size_t compared = 0;
    for (const char* statement : kStatements) {
        if (left_out(statement, facts.server_major)) continue;
        std::string error;
        const Table truth = server_truth(*connection, statement, &error);
        EXPECT_EQ(error, "") << statement;
        if (!error.empty()) continue;
        EXPECT_EQ(text_of(prediction(statement, facts)), text_of(truth)) << statement;
        ++compared;
    }
    EXPECT_GT(compared, 240U);
}

TEST_F(LockTruth, WhereFactsDoNotDecideTheHeavierCaseIsSaidToBeAssumed) {
    for (const char* statement : kAssumed) {
        if (left_out(statement, facts.server_major)) continue;
        std::string error;
        const Table truth = server_truth(*connection, statement, &error);
        ASSERT_EQ(error, "") << statement;
        const Table predicted = prediction(statement, facts);
        const auto actions = sql::ddl_effects(statement);
        ASSERT_TRUE(actions);
        std::size_t assumed = 0;
        for (const LockEffect& effect : lock_effects(*actions, statement, facts)) {
            if (effect.certain) continue;
            ++assumed;
        }
        EXPECT_GT(assumed, 0U) << statement;
        EXPECT_EQ(predicted.size(), truth.size()) << statement;
        for (const auto& [name, seen] : truth) {
            const auto found = predicted.find(name);
            ASSERT_NE(found, predicted.end()) << statement << ": " << name;
            EXPECT_EQ(found->second.lock, seen.lock) << statement << ": " << name;
        }
    }
}

}  // namespace
}  // namespace understudy::schema::hazard
