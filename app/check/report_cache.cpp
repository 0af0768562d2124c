#include "app/check/report_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/compare/report_files.hpp"
#include "core/base/crc32c.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/catalog/target_marker.hpp"

namespace understudy::app {
namespace {

namespace fs = std::filesystem;

constexpr int kCacheVersion = 2;
constexpr std::size_t kMaxFiles = 20'000;
constexpr std::uintmax_t kMaxCached = std::uintmax_t{64} << 20U;

/// The catalogues that say what a schema is, each with what tells its rows apart.
constexpr std::array<std::pair<const char*, const char*>, 21> kCatalogues = {{
    {"pg_class", "oid"},
    {"pg_attribute", "attrelid, attnum"},
    {"pg_attrdef", "oid"},
    {"pg_constraint", "oid"},
    {"pg_index", "indexrelid"},
    {"pg_type", "oid"},
    {"pg_enum", "oid"},
    {"pg_range", "rngtypid"},
    {"pg_proc", "oid"},
    {"pg_trigger", "oid"},
    {"pg_rewrite", "oid"},
    {"pg_policy", "oid"},
    {"pg_namespace", "oid"},
    {"pg_sequence", "seqrelid"},
    {"pg_inherits", "inhrelid, inhparent"},
    {"pg_operator", "oid"},
    {"pg_cast", "oid"},
    {"pg_collation", "oid"},
    {"pg_default_acl", "oid"},
    {"pg_auth_members", "roleid, member"},
    {"pg_db_role_setting", "setdatabase, setrole"},
}};

Result<std::string> stamp_of_file(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) return make_error(Errc::io, fmt::format("cannot read {}: {}", path.string(), error.message()));
    std::ifstream file(path, std::ios::binary);
    const std::uint32_t checksum = crc32c(std::string(std::istreambuf_iterator<char>(file), {}));
    return fmt::format("{} {} {:08x}\n", path.string(), size, checksum);
}

}  // namespace

Result<std::string> catalogue_stamp(const std::string& conninfo) {
    std::string sql = fmt::format(
        "select {}, pg_catalog.current_setting('server_version'), (select oid from pg_catalog.pg_database where datname = "
        "pg_catalog.current_database()), current_user, (select pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.concat_ws("
        "' ', oid, rolname, rolsuper, rolinherit, rolbypassrls), 0)) from pg_catalog.pg_roles)",
        catalog::kSystemIdentifierSql);
    for (const auto& [catalogue, key] : kCatalogues) {
        sql += fmt::format(", (select pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hashtextextended("
                           "pg_catalog.concat_ws(' ', {}, xmin), 0))) from pg_catalog.{})",
                           key, catalogue);
    }
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(conninfo));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(const auto rows, connection.query(sql));
    if (rows.size() != 1) return make_error(Errc::protocol, "the server's answer about its catalogues is not one row");
    std::string stamp;
    for (const auto& field : rows[0]) stamp += field.value_or("?") + "\n";
    return stamp;
}

Result<std::string> capture_stamp(const std::string& path) {
    constexpr std::uintmax_t kEnds = std::uintmax_t{256} << 10U;
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) return make_error(Errc::io, fmt::format("cannot read {}: {}", path, error.message()));
    std::ifstream file(path, std::ios::binary);
    std::string ends(static_cast<std::size_t>(std::min(size, 2 * kEnds)), '\0');
    const auto half = static_cast<std::streamsize>(ends.size() / 2);
    const auto rest = static_cast<std::streamsize>(ends.size()) - half;
    file.read(ends.data(), half);
    file.seekg(-rest, std::ios::end);
    file.read(ends.data() + half, rest);
    if (!file) return make_error(Errc::io, fmt::format("cannot read {}", path));
    return fmt::format("{} {:08x}\n", size, crc32c(ends));
}

Result<std::string> file_stamps(const std::string& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return stamp_of_file(path);
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->is_regular_file(error)) files.push_back(entry->path());
        if (files.size() > kMaxFiles) return make_error(Errc::limit, fmt::format("{} holds more than 20,000 files", path));
    }
    if (error) return make_error(Errc::io, fmt::format("cannot read {}: {}", path, error.message()));
    std::sort(files.begin(), files.end());
    std::string stamps;
    for (const fs::path& file : files) {
        UNDERSTUDY_TRY(const std::string stamp, stamp_of_file(file));
        stamps += stamp;
    }
    return stamps;
}

std::string ReportCache::path_of(const std::string& key) const {
    return fmt::format("{}/check-{:08x}{:08x}.json", folder_, crc32c(key), crc32c("second " + key));
}

std::optional<CachedReport> ReportCache::find(const std::string& key) const {
    const std::string path = path_of(key);
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) return std::nullopt;
    const auto damaged = [&] {
        fmt::print(stderr, "understudy: {} is damaged: it is not used\n", path);
        return std::nullopt;
    };
    if (size > kMaxCached) return damaged();
    std::ifstream file(path, std::ios::binary);
    const auto json = nlohmann::json::parse(std::string(std::istreambuf_iterator<char>(file), {}), nullptr, false);
    if (json.is_discarded() || !json.is_object()) return damaged();
    const auto text = [&](const char* name) {
        const auto found = json.find(name);
        return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const auto version = json.find("cache_version");
    const auto exit_code = json.find("exit_code");
    if (version == json.end() || !version->is_number_integer() || version->get<int>() != kCacheVersion) return std::nullopt;
    if (exit_code == json.end() || !exit_code->is_number_integer() || text("text").empty()) return damaged();
    if (text("key") != key) return std::nullopt;  // another report of the same file name
    return CachedReport{exit_code->get<int>(), text("text"), text("json")};
}

Result<void> ReportCache::keep(const std::string& key, const CachedReport& report) const {
    std::error_code error;
    fs::create_directories(folder_, error);
    nlohmann::ordered_json json;
    json["cache_version"] = kCacheVersion;
    json["key"] = key;
    json["exit_code"] = report.exit_code;
    json["text"] = report.text;
    json["json"] = report.json;
    const std::string content = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    if (content.size() > kMaxCached) return {};
    UNDERSTUDY_CHECK(write_private_file(path_of(key), content));
    forget_oldest();
    return {};
}

void ReportCache::forget_oldest() const {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.rfind("check-", 0) != 0 || entry->path().extension() != ".json") continue;
        files.emplace_back(entry->last_write_time(error), entry->path());
    }
    std::sort(files.rbegin(), files.rend());
    for (std::size_t i = kMaxReports; i < files.size(); ++i) fs::remove(files[i].second, error);
}

}  // namespace understudy::app
