#pragma once

#include <memory>
#include <string>
#include <vector>

namespace understudy::testing {

/// A PostgreSQL server of its own for tests: a new data directory, a free loopback port, fsync off, stopped and
/// removed in the destructor. Runs as the user `postgres` when the tests run as root, which initdb refuses.
class ThrowawayCluster {
public:
    struct Options {
        std::string auth = "trust";         ///< pg_hba method for TCP
        std::vector<std::string> settings;  ///< "name=value"
    };

    /// Starts a server; throws std::runtime_error with the server's log when that fails.
    static std::unique_ptr<ThrowawayCluster> start(const Options& options);
    static std::unique_ptr<ThrowawayCluster> start() { return start(Options{}); }
    /// One server for all tests of this process, started at first use.
    static ThrowawayCluster& shared();

    ~ThrowawayCluster();
    ThrowawayCluster(const ThrowawayCluster&) = delete;
    ThrowawayCluster& operator=(const ThrowawayCluster&) = delete;

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] const std::string& log_path() const { return log_path_; }
    /// "host=127.0.0.1 port=… user=postgres dbname=…"
    [[nodiscard]] std::string conninfo(const std::string& database = "postgres") const;
    /// Runs SQL through psql, stopping at the first error; throws with psql's output when it fails. Returns the
    /// output, unaligned, without headers.
    std::string psql(const std::string& sql, const std::string& database = "postgres") const;
    /// A new empty database with a name of its own.
    std::string create_database(const std::string& prefix = "db");
    void stop();
    void start_again();

private:
    ThrowawayCluster() = default;
    std::string directory_;
    std::string log_path_;
    int port_ = 0;
    int next_database_ = 0;
};

struct CommandOutput {
    int exit_code = 0;
    std::string out;  ///< standard output and standard error together
};

/// Runs a shell command and waits for it.
CommandOutput run_command(const std::string& command);

/// A directory that is removed in the destructor.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

}  // namespace understudy::testing
