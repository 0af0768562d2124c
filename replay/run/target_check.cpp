#include "replay/run/target_check.hpp"

#include <fmt/format.h>

#include "core/catalog/target_marker.hpp"

namespace understudy::replay {
namespace {

namespace asio = net::asio;

/// What a database holds that can act outside it, by the names that --allow takes. Readable by any role.
constexpr const char* kHazards = R"(
select 'foreign server ' || srvname from pg_catalog.pg_foreign_server
union all select 'subscription ' || subname from pg_catalog.pg_subscription where subenabled
union all select 'language ' || lanname from pg_catalog.pg_language l
  where not lanpltrusted and lanname not in ('internal', 'c')
    and exists (select from pg_catalog.pg_proc p where p.prolang = l.oid)
union all select 'extension ' || extname from pg_catalog.pg_extension
  where extname in ('dblink', 'http', 'pg_net', 'pg_cron', 'pg_background', 'plsh', 'aws_lambda', 'aws_s3', 'pgsql_http',
                    'pgagent', 'pgmq', 'pg_partman_bgw')
order by 1)";

/// A server that does not answer is no target; a connection that breaks says nothing about it.
Error unanswered(const std::string& what, const Error& error) {
    const bool broken = error.code == Errc::io || error.code == Errc::end_of_file;
    return make_error(broken ? error.code : Errc::refused, fmt::format("{}: {}", what, error.message));
}

Result<catalog::TargetFacts> facts_of(const std::vector<net::TextRow>& rows) {
    if (rows.size() != 1) return make_error(Errc::protocol, "the target did not answer the question what it is");
    std::vector<std::optional<BytesView>> row(rows[0].begin(), rows[0].end());
    return catalog::parse_target_facts(row);
}

}  // namespace

asio::awaitable<Result<void>> TargetCheck::check(net::PgStream& stream) {
    auto rows = co_await stream.query(catalog::kMarkerQuery);
    if (!rows) co_return unanswered("cannot tell whether the target is one", rows.error());
    const auto facts = facts_of(*rows);
    if (!facts) co_return facts.error();
    if (auto judged = catalog::judge_target(*facts, options_.recorded_system_identifier, options_.production_id,
                                            options_.production_id_none);
        !judged) {
        co_return judged.error();
    }
    {
        const std::lock_guard lock(mutex_);
        if (cleared_.contains(facts->database)) co_return Result<void>();
        if (system_identifier_ == 0) system_identifier_ = facts->system_identifier.value_or(0);
    }
    auto hazards = co_await stream.query(kHazards);
    if (!hazards) {
        co_return unanswered(fmt::format("cannot list what in database {} acts outside it", facts->database),
                             hazards.error());
    }
    std::string forbidden;
    for (const net::TextRow& row : *hazards) {
        if (row.empty() || !row[0] || options_.allowed.contains(*row[0])) continue;
        forbidden += fmt::format("{}{}", forbidden.empty() ? "" : ", ", *row[0]);
    }
    if (forbidden.empty()) {
        const std::lock_guard lock(mutex_);
        cleared_.insert(facts->database);
        co_return Result<void>();
    }
    co_return make_error(
        Errc::refused,
        fmt::format("database {} on the target can act outside itself through: {}. Make sure that each is "
                    "harmless there and name it, for example --allow '{}'",
                    facts->database, forbidden, forbidden.substr(0, forbidden.find(','))));
}

std::uint64_t TargetCheck::system_identifier() const {
    const std::lock_guard lock(mutex_);
    return system_identifier_;
}

}  // namespace understudy::replay
