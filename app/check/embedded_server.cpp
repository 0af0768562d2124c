#include "app/check/embedded_server.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/process/postgres_tools.hpp"
#include "app/process/programs.hpp"

namespace understudy::app {
namespace {

constexpr int kOldestServer = 13;

std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    constexpr std::size_t kMax = 1500;
    return text.size() > kMax ? text.substr(0, kMax) + " …" : text;
}

/// PostgreSQL refuses to run as root.
std::vector<std::string> as_user(const std::string& user, std::vector<std::string> arguments) {
    if (user.empty()) return arguments;
    std::vector<std::string> all{"setpriv", "--reuid", user, "--regid", user, "--clear-groups"};
    if (const passwd* entry = ::getpwnam(user.c_str())) all[4] = std::to_string(entry->pw_gid);
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

Result<void> run(std::vector<std::string> arguments, const std::string& what, const std::function<bool()>& stop) {
    UNDERSTUDY_TRY(const auto ends, run_pipeline({Program{std::move(arguments), {}}}, stop));
    if (ends[0].stopped) return make_error(Errc::refused, "stopped");
    if (ends[0].exit_code == 0) return {};
    return make_error(Errc::io, fmt::format("{}: {}", what, one_line(ends[0].output)));
}

}  // namespace

Result<std::unique_ptr<EmbeddedServer>> EmbeddedServer::start(const std::string& postgres_bin,
                                                              std::function<bool()> stop) {
    std::unique_ptr<EmbeddedServer> server(new EmbeddedServer(std::move(stop)));
    UNDERSTUDY_TRY(const auto tools,
                   find_postgres_tools({"initdb", "pg_ctl", "psql", "postgres"}, postgres_bin, kOldestServer));
    server->initdb_ = tools[0].path;
    server->pg_ctl_ = tools[1].path;
    server->psql_ = tools[2].path;
    server->version_ = tools[3].version;
    UNDERSTUDY_CHECK(server->make_folder());
    UNDERSTUDY_CHECK(server->launch());
    return server;
}

Result<void> EmbeddedServer::make_folder() {
    std::error_code error;
    // A socket's path has about a hundred characters at most, so a long TMPDIR will not do.
    std::string pattern = (std::filesystem::temp_directory_path(error) / "understudy-pg-XXXXXX").string();
    if (error || pattern.size() > 70) pattern = "/tmp/understudy-pg-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        return make_error(Errc::io, fmt::format("cannot make a folder {}: {}", pattern, std::strerror(errno)));
    }
    folder_ = pattern;
    if (::geteuid() != 0) return {};
    for (const char* name : {"postgres", "nobody"}) {
        const passwd* entry = ::getpwnam(name);
        if (entry == nullptr) continue;
        user_ = name;
        if (::chown(folder_.c_str(), entry->pw_uid, entry->pw_gid) == 0) return {};
        return make_error(Errc::io, fmt::format("cannot give {} to user {}: {}", folder_, name, std::strerror(errno)));
    }
    return make_error(Errc::io,
                      "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as");
}

Result<void> EmbeddedServer::launch() {
    const std::string data = folder_ + "/data";
    UNDERSTUDY_CHECK(run(as_user(user_, {initdb_, "--pgdata", data, "--username=postgres", "--auth=trust",
                                         "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"}),
                         "initdb", stop_));
    const std::string settings = fmt::format(
        "-c listen_addresses= -k {} -c fsync=off -c full_page_writes=off -c autovacuum=off -c max_connections=20",
        folder_);
    running_ = true;  // it may have come up even where pg_ctl says that it has not
    return run(as_user(user_, {pg_ctl_, "--pgdata", data, "--log", folder_ + "/log", "--wait", "--options", settings,
                               "start"}),
               "the throwaway server does not start", stop_);
}

EmbeddedServer::~EmbeddedServer() {
    if (running_) {
        // Also after a Ctrl-C: it must not outlive us.
        const auto stopped =
            run(as_user(user_, {pg_ctl_, "--pgdata", folder_ + "/data", "--mode", "immediate", "--wait", "stop"}),
                "pg_ctl stop", [] { return false; });
        if (!stopped) fmt::print(stderr, "understudy: the throwaway server: {}\n", stopped.error().message);
    }
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

std::string EmbeddedServer::conninfo(const std::string& database) const {
    return fmt::format("host={} port=5432 user=postgres dbname={}", folder_, database);
}

Result<void> EmbeddedServer::load(const std::string& file, const std::string& database) const {
    return run({psql_, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file", file,
                "--dbname", conninfo(database)},
               "psql could not load the schema", stop_);
}

}  // namespace understudy::app
