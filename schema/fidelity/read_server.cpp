#include <fmt/format.h>

#include "core/catalog/row_reader.hpp"
#include "schema/fidelity/read_environment.hpp"

namespace understudy::schema::fidelity {
namespace {

constexpr std::size_t kMaxCollations = 1'000;
/// Fewer blocks than that say nothing about a cache.
constexpr std::size_t kEnoughBlocks = 10'000;

/// What an own process of PostgreSQL's calls itself (docs "pg_stat_activity", backend_type).
constexpr const char* kOwnProcesses =
    "'client backend', 'autovacuum launcher', 'autovacuum worker', 'background writer', 'checkpointer', 'walwriter',"
    " 'startup', 'walreceiver', 'walsender', 'archiver', 'logger', 'logical replication launcher', 'parallel worker',"
    " 'slotsync worker', 'walsummarizer', 'io worker', 'standalone backend'";

class ServerFacts {
public:
    explicit ServerFacts(Asking& asking) : asking_(asking) {}

    /// A question of one row; each column becomes the fact of that name, but for NULL.
    Result<void> ask(const std::string& what, std::initializer_list<const char*> names, const std::string& sql) {
        UNDERSTUDY_TRY(const auto rows, asking_.ask(what, sql));
        if (!rows || rows->empty()) return {};
        std::size_t column = 0;
        for (const char* name : names) {
            const auto& value = rows->front().at(column++);
            if (value) asking_.out().facts.push_back({name, *value});
        }
        return {};
    }

    Result<void> versions() {
        return ask("the server's version", {"major version", "minor version", "platform", "block size", "standby"},
                   "select current_setting('server_version_num')::int / 10000,"
                   " split_part(current_setting('server_version'), ' ', 1), substring(version() from ' on ([^ ,]+)'),"
                   " current_setting('block_size'), case when pg_is_in_recovery() then 'yes' else 'no' end");
    }

    Result<void> collations(int version) {
        const std::string actual =
            version >= 150000
                ? "pg_database_collation_actual_version(d.oid)"
                : "(select pg_collation_actual_version(c.oid) from pg_collation c where c.collprovider = 'c' and"
                  " c.collcollate = d.datcollate and c.collencoding in (-1, d.encoding) limit 1)";
        UNDERSTUDY_CHECK(
            ask("the collation's version", {"collation version of the database"},
                fmt::format("select case when d.datcollate in ('C', 'POSIX') then coalesce({0}, '') else {0} end"
                            " from pg_database d where d.datname = current_database()",
                            actual)));
        UNDERSTUDY_TRY(
            const auto rows,
            asking_.ask("versions of collations",
                        fmt::format("select distinct l.collname, coalesce(pg_collation_actual_version(l.oid), '')"
                                    " from pg_attribute a join pg_class c on c.oid = a.attrelid and c.oid >= 16384"
                                    " join pg_collation l on l.oid = a.attcollation"
                                    " where l.oid not in (100, 950, 951) and a.attnum > 0 limit {}",
                                    kMaxCollations)));
        if (!rows) return {};
        for (const catalog::Row& row : *rows) {
            asking_.out().facts.push_back({"collation version of " + row.at(0).value_or(""), row.at(1).value_or("")});
        }
        return {};
    }

    Result<void> replication() {
        UNDERSTUDY_CHECK(ask("replication", {"standbys", "logical replication slots"},
                             "select (select count(*) from pg_stat_replication), (select count(*) from"
                             " pg_replication_slots where slot_type = 'logical')"));
        UNDERSTUDY_CHECK(ask("subscriptions", {"enabled subscriptions"},
                             "select count(*) from pg_subscription where subenabled and subdbid = (select oid from"
                             " pg_database where datname = current_database())"));
        // Others' rows are empty for who may not read statistics.
        UNDERSTUDY_TRY(const auto allowed,
                       asking_.ask("background workers", "select pg_has_role('pg_read_all_stats', 'usage')"));
        if (!allowed || allowed->empty() || allowed->front().at(0) != "t") {
            asking_.unread("background workers, synchronous standbys", "it takes a member of pg_read_all_stats");
            return {};
        }
        return ask("background workers", {"background workers", "synchronous standbys"},
                   fmt::format("select coalesce((select string_agg(distinct backend_type, ', ' order by backend_type)"
                               " from pg_stat_activity where backend_type not in ({}) and (datname is null or datname ="
                               " current_database())), ''), (select count(*) from pg_stat_replication where sync_state"
                               " in ('sync', 'quorum'))",
                               kOwnProcesses));
    }

    /// pg_cron; others are background workers.
    Result<void> jobs() {
        UNDERSTUDY_TRY(const auto there, asking_.ask("scheduled jobs", "select to_regclass('cron.job') is not null"));
        if (!there || there->empty()) return {};
        if (there->front().at(0) != "t") {
            asking_.out().facts.push_back({"scheduled jobs", "0"});
            return {};
        }
        return ask("scheduled jobs", {"scheduled jobs"}, "select count(*) from cron.job where active");
    }

    Result<void> hardware() {
        UNDERSTUDY_CHECK(ask("the cache", {"blocks found in the cache, %", "read time of a block, ms"},
                             fmt::format("select case when blks_hit + blks_read > {0} then round(100.0 * blks_hit /"
                                         " (blks_hit + blks_read)) end, case when blks_read > {0} and blk_read_time > 0"
                                         " then round((blk_read_time / blks_read)::numeric, 3) end"
                                         " from pg_stat_database where datname = current_database()",
                                         kEnoughBlocks)));
        constexpr const char* kMay =
            "select has_function_privilege('pg_read_file(text,bigint,bigint)', 'execute')"
            " and (select rolsuper from pg_roles where rolname = current_user)";
        UNDERSTUDY_TRY(const auto may, asking_.ask("processors and memory", kMay));
        if (!may || may->empty() || may->front().at(0) != "t") {
            asking_.unread("processors and memory", "it takes a superuser");
            return {};
        }
        // Where the kernel is not Linux, this is refused, and unread.
        return ask("processors and memory", {"processors", "memory, MiB"},
                   "select (select count(*) from regexp_matches(pg_read_file('/proc/cpuinfo', 0, 4000000),"
                   " '^processor', 'gn')), substring(pg_read_file('/proc/meminfo', 0, 4000) from"
                   " 'MemTotal: +([0-9]+) kB')::bigint / 1024");
    }

private:
    Asking& asking_;
};

}  // namespace

Result<void> read_server(Asking& asking, int version) {
    ServerFacts facts(asking);
    UNDERSTUDY_CHECK(facts.versions());
    UNDERSTUDY_CHECK(facts.collations(version));
    UNDERSTUDY_CHECK(facts.replication());
    UNDERSTUDY_CHECK(facts.jobs());
    return facts.hardware();
}

}  // namespace understudy::schema::fidelity
