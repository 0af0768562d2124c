#include "app/check/kept_answers.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/compare/report_files.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/catalog/snapshot/read_snapshot.hpp"

namespace understudy::app {
namespace {

namespace fs = std::filesystem;

/// What a statement's answer depends on besides the schema: the program, the server's roles and who asks.
Result<std::string> environment_of(const std::string& conninfo) {
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(conninfo));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(
        const auto rows,
        connection.query("select current_user, pg_catalog.current_setting('server_version'), (select pg_catalog.md5("
                         "pg_catalog.string_agg(pg_catalog.concat_ws(' ', rolname, rolsuper, rolinherit, rolbypassrls, "
                         "rolcanlogin), ',' order by rolname)) from pg_catalog.pg_roles), (select pg_catalog.md5("
                         "pg_catalog.string_agg(pg_catalog.concat_ws(' ', roleid::pg_catalog.regrole, "
                         "member::pg_catalog.regrole), ',' order by roleid::pg_catalog.regrole::text, "
                         "member::pg_catalog.regrole::text)) from pg_catalog.pg_auth_members)"));
    std::string text;
    for (const auto& row : rows) {
        for (const auto& field : row) text += field.value_or("") + "\n";
    }
    return text;
}

std::string path_in(const std::string& folder) { return folder + "/answers"; }

schema::AnswerCache read_kept(const std::string& folder) {
    std::error_code error;
    const auto size = fs::file_size(path_in(folder), error);
    if (error) return {};
    Bytes bytes;
    if (size <= schema::AnswerCache::kMaxBytes) {
        std::ifstream file(path_in(folder), std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    auto cache = schema::AnswerCache::decode(bytes);
    if (cache) return std::move(*cache);
    fmt::print(stderr, "understudy: {} is damaged: it is not used\n", path_in(folder));
    return {};
}

}  // namespace

Result<AskedServers> AskedServers::open(const CheckedDatabases& databases, const std::string& folder,
                                        const schema::DescribeOptions& options) {
    AskedServers servers;
    UNDERSTUDY_TRY(servers.baseline_, net::parse_conninfo(databases.baseline));
    UNDERSTUDY_TRY(servers.candidate_, net::parse_conninfo(databases.candidate));
    servers.options_ = options;
    servers.folder_ = folder;
    if (folder.empty()) return servers;
    servers.environment_ =
        fmt::format("{}\n{} {}\n", UNDERSTUDY_VERSION, options.samples, options.temp_tables ? "temp tables" : "");
    for (const std::string* side : {&databases.baseline, &databases.candidate}) {
        UNDERSTUDY_TRY(const std::string environment, environment_of(*side));
        servers.environment_ += environment;
    }
    UNDERSTUDY_TRY(const catalog::Snapshot before, catalog::read_snapshot(databases.baseline));
    UNDERSTUDY_TRY(const catalog::Snapshot after, catalog::read_snapshot(databases.candidate));
    servers.old_schema_ = catalog::object_fingerprints(before);
    servers.new_schema_ = catalog::object_fingerprints(after);
    servers.cache_ = read_kept(folder);
    return servers;
}

Result<std::pair<schema::ServerAnswers, schema::ServerAnswers>> AskedServers::ask(
    const schema::RecordedStatements& recorded, const schema::CheckPlan& plan) {
    if (folder_.empty()) return schema::describe_on_both(baseline_, candidate_, recorded, plan, options_);
    schema::SideCache before(cache_, recorded, plan, old_schema_, environment_);
    schema::SideCache after(cache_, recorded, plan, new_schema_, environment_);
    wanted_ += 2 * plan.items.size();
    taken_ += 2 * plan.items.size() - before.asked().items.size() - after.asked().items.size();
    UNDERSTUDY_TRY(auto fresh, schema::describe_on_both(baseline_, candidate_, recorded, before.asked(), after.asked(),
                                                        options_));
    schema::ServerAnswers first = before.complete(std::move(fresh.first));
    return std::pair(std::move(first), after.complete(std::move(fresh.second)));
}

Result<void> AskedServers::keep() const {
    if (folder_.empty()) return {};
    std::error_code error;
    fs::create_directories(folder_, error);
    return write_private_file(path_in(folder_), cache_.encode());
}

std::string AskedServers::note() const {
    if (folder_.empty()) return {};
    return fmt::format("of {} answers {} were kept from earlier runs, as nothing they depend on has changed", wanted_, taken_);
}

}  // namespace understudy::app
