#include "app/fidelity/storage_probe.hpp"

#include <algorithm>

#include "core/base/time.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/catalog/target_marker.hpp"

namespace understudy::app {
namespace {

constexpr int kCommits = 50;
constexpr std::uint64_t kKibibytes = 16 * 1024;
constexpr catalog::ControlLimits kProbeLimits{Duration::seconds(30), Duration::seconds(1)};

Result<void> must_be_marked(catalog::ControlConnection& connection) {
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(const auto rows, connection.query(catalog::kMarkerQuery));
    UNDERSTUDY_CHECK(connection.commit());
    std::vector<std::optional<BytesView>> row;
    if (rows.size() == 1) row.assign(rows[0].begin(), rows[0].end());
    UNDERSTUDY_TRY(const catalog::TargetFacts facts, catalog::parse_target_facts(row));
    const auto marker = catalog::find_marker(facts);
    if (marker && marker->identifier && marker->identifier == facts.system_identifier) return {};
    return make_error(Errc::refused,
                      "the storage probe writes, so the staging database must be marked as a target of its own server: "
                      "understudy target --mark CONNINFO");
}

/// How long some statements take together.
Result<Duration> time_of(catalog::ControlConnection& connection, const std::string& statements, bool commit) {
    const Timestamp begin = system_clock().now();
    UNDERSTUDY_CHECK(connection.query(statements));
    if (commit) UNDERSTUDY_CHECK(connection.commit());
    return system_clock().now() - begin;
}

std::uint64_t rate(Duration took) {
    return static_cast<std::uint64_t>(static_cast<double>(kKibibytes) / std::max(1e-6, took.to_seconds()));
}

}  // namespace

Result<std::vector<schema::fidelity::Counted>> probe_storage(const std::string& staging) {
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(staging, kProbeLimits));
    UNDERSTUDY_CHECK(must_be_marked(connection));
    std::vector<std::int64_t> commits;
    for (int i = 0; i < kCommits; ++i) {
        UNDERSTUDY_CHECK(connection.begin_read_write());
        // Writes WAL and nothing else; what no slot asks for is read by nobody (docs "Replication Management
        // Functions").
        UNDERSTUDY_CHECK(connection.query("select pg_logical_emit_message(true, 'understudy', 'probe')"));
        UNDERSTUDY_TRY(const Duration took, time_of(connection, "select 1", true));
        commits.push_back(took.count_ns() / 1000);
    }
    std::nth_element(commits.begin(), commits.begin() + kCommits / 2, commits.end());
    UNDERSTUDY_CHECK(connection.begin_read_write());
    // Rows of nearly 2 KiB: below what is compressed or moved out of line (docs "TOAST").
    UNDERSTUDY_TRY(const Duration written,
                   time_of(connection,
                           "create temporary table understudy_probe on commit drop as select i, (select string_agg(md5("
                           "(i * 1000 + k)::text), '') from generate_series(1, 60) k) as filling from"
                           " generate_series(1, 8192) i",
                           false));
    UNDERSTUDY_TRY(const Duration read,
                   time_of(connection, "select sum(length(filling)) from understudy_probe", false));
    UNDERSTUDY_CHECK(connection.query("rollback"));
    return std::vector<schema::fidelity::Counted>{
        {"commit that waits for the disk, median, microseconds", static_cast<std::uint64_t>(commits[kCommits / 2])},
        {"writing a temporary table of 16 MiB, KiB a second", rate(written)},
        {"reading it again, from whichever cache has it, KiB a second", rate(read)}};
}

}  // namespace understudy::app
