#include "tests/support/throwaway_cluster.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace understudy::testing {
namespace {

namespace fs = std::filesystem;

std::string server_bin() {
    if (const char* given = std::getenv("UNDERSTUDY_PG_BIN")) return given;
    for (const char* version : {"15", "16", "17", "18", "14", "13"}) {
        const std::string path = std::string("/usr/lib/postgresql/") + version + "/bin";
        if (fs::exists(path + "/initdb")) return path;
    }
    throw std::runtime_error("no PostgreSQL server found below /usr/lib/postgresql; install postgresql-15");
}

int free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (fd < 0 || bind(fd, generic, sizeof address) != 0) throw std::runtime_error("no free port");
    socklen_t length = sizeof address;
    getsockname(fd, generic, &length);
    close(fd);
    return ntohs(address.sin_port);
}

/// The command as the user postgres when we are root.
std::string as_server_user(const std::string& command) {
    if (geteuid() != 0) return command;
    return "setpriv --reuid postgres --regid postgres --clear-groups sh -c '" + command + "'";
}

std::string must_run(const std::string& command) {
    CommandOutput output = run_command(command);
    if (output.exit_code != 0) throw std::runtime_error(command + "\n" + output.out);
    return std::move(output.out);
}

}  // namespace

CommandOutput run_command(const std::string& command) {
    CommandOutput output;
    FILE* pipe = popen(("{ " + command + "\n} 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("popen failed");
    std::array<char, 4096> buffer{};
    while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) output.out.append(buffer.data(), n);
    const int status = pclose(pipe);
    output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return output;
}

TemporaryDirectory::TemporaryDirectory() {
    std::string pattern = (fs::temp_directory_path() / "understudy-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::unique_ptr<ThrowawayCluster> ThrowawayCluster::start(const Options& options) {
    std::unique_ptr<ThrowawayCluster> cluster(new ThrowawayCluster);
    std::string pattern = (fs::temp_directory_path() / "understudy-pg-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    cluster->directory_ = pattern;
    cluster->log_path_ = pattern + "/log";
    cluster->port_ = free_port();
    if (geteuid() == 0) must_run("chown postgres " + pattern);
    const std::string data = pattern + "/data";
    must_run(as_server_user(server_bin() + "/initdb -D " + data +
                            " -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync"));
    std::ofstream configuration(data + "/postgresql.conf", std::ios::app);
    configuration << "listen_addresses = '127.0.0.1'\nport = " << cluster->port_ << "\nunix_socket_directories = '"
                  << pattern << "'\nfsync = off\nsynchronous_commit = off\n"
                  << "full_page_writes = off\nmax_connections = 200\nshared_buffers = 64MB\n";
    for (const std::string& setting : options.settings) configuration << setting << "\n";
    configuration.close();
    std::ofstream hba(data + "/pg_hba.conf");
    hba << "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 " << options.auth
        << "\n";
    hba.close();
    cluster->start_again();
    return cluster;
}

void ThrowawayCluster::start_again() {
    const CommandOutput output = run_command(
        as_server_user(server_bin() + "/pg_ctl -D " + directory_ + "/data -l " + log_path_ + " -w -t 60 start"));
    if (output.exit_code != 0) {
        std::ifstream log(log_path_);
        throw std::runtime_error(output.out + std::string((std::istreambuf_iterator<char>(log)), {}));
    }
}

void ThrowawayCluster::stop() {
    run_command(as_server_user(server_bin() + "/pg_ctl -D " + directory_ + "/data -m immediate -w stop"));
}

ThrowawayCluster& ThrowawayCluster::shared() {
    static const std::unique_ptr<ThrowawayCluster> cluster = start();
    return *cluster;
}

ThrowawayCluster::~ThrowawayCluster() {
    stop();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

std::string ThrowawayCluster::conninfo(const std::string& database) const {
    return "host=127.0.0.1 port=" + std::to_string(port_) + " user=postgres dbname=" + database;
}

std::string ThrowawayCluster::psql(const std::string& sql, const std::string& database) const {
    const TemporaryDirectory directory;
    std::ofstream(directory.file("script.sql")) << sql;
    return must_run("psql -X -q -A -t -v ON_ERROR_STOP=1 '" + conninfo(database) + "' -f " +
                    directory.file("script.sql"));
}

std::string ThrowawayCluster::create_database(const std::string& prefix) {
    const std::string name = prefix + std::to_string(++next_database_);
    psql("create database " + name);
    return name;
}

}  // namespace understudy::testing
