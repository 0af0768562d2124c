#include "app/history/postgres_history.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/history/history_schema.hpp"
#include "app/history/run_rows.hpp"
#include "core/catalog/conninfo_parts.hpp"
#include "core/catalog/target_marker.hpp"

namespace understudy::app {
namespace {

using catalog::ControlConnection;
using compare::RunRecord;

// A whole report goes in at once, and nobody else waits for what is locked.
constexpr catalog::ControlLimits kHistoryLimits{Duration::seconds(60), Duration::seconds(10)};

Error no_such_run(const std::string& id, const std::string& where) {
    return make_error(Errc::usage, fmt::format("{} has no run {}", where, id));
}

Result<bool> is_replay_target(ControlConnection& connection) {
    UNDERSTUDY_TRY(const auto rows, connection.query(catalog::kMarkerQuery));
    std::vector<std::optional<BytesView>> row;
    if (rows.size() == 1) row.assign(rows[0].begin(), rows[0].end());
    UNDERSTUDY_TRY(const auto facts, catalog::parse_target_facts(row));
    return catalog::find_marker(facts).has_value();
}

std::string ids_of(const std::vector<compare::ObservedRun>& runs) {
    std::string ids;
    for (const auto& run : runs) ids += (ids.empty() ? "'" : ", '") + run.summary.id + "'";
    return ids;
}

}  // namespace

Result<std::unique_ptr<PostgresHistory>> PostgresHistory::open(const std::string& conninfo, const Access& access) {
    std::unique_ptr<PostgresHistory> history(new PostgresHistory(conninfo));
    UNDERSTUDY_TRY(const auto parts, catalog::conninfo_with_database(conninfo, ""));
    history->where_ = parts.database.empty() ? "the history's database" : "database " + parts.database;
    UNDERSTUDY_CHECK(history->prepare(access));
    return history;
}

Result<void> PostgresHistory::prepare(const Access& access) {
    int version = 0;
    bool target = false;
    UNDERSTUDY_CHECK(within(Mode::read, [&](ControlConnection& connection) -> Result<void> {
        UNDERSTUDY_TRY(target, is_replay_target(connection));
        UNDERSTUDY_TRY(version, history_version(connection));
        return {};
    }));
    if (target && !access.in_replay_target) {
        return make_error(Errc::refused,
                          fmt::format("{} is marked as a database that is replayed into: what restores it would "
                                      "take the history away. Name another, or say --history-in-target",
                                      where_));
    }
    if (version == 0 && access.only_existing) {
        return make_error(Errc::io, fmt::format("there is no history in {}: it has no schema understudy", where_));
    }
    if (version == current_history_version()) return {};
    return within(Mode::write, [](ControlConnection& connection) { return migrate_history(connection); });
}

Result<void> PostgresHistory::within(Mode mode, const Work& work) {
    if (!connection_) {
        auto opened = ControlConnection::open(conninfo_, kHistoryLimits);
        if (!opened) return make_error(opened.error().code, fmt::format("the history: {}", opened.error().message));
        connection_.emplace(std::move(*opened));
        UNDERSTUDY_CHECK(connection_->query("set client_encoding to 'UTF8'"));
    }
    const auto all = [&]() -> Result<void> {
        UNDERSTUDY_CHECK(mode == Mode::read ? connection_->begin_read_only() : connection_->begin_read_write());
        UNDERSTUDY_CHECK(work(*connection_));
        return connection_->commit();
    };
    auto done = all();
    // A connection that cannot even do this is lost, and the next question opens another.
    if (!done && !connection_->query("rollback")) connection_.reset();
    return done;
}

std::string PostgresHistory::literal(const std::string& text) const { return connection_->quoted_literal(text); }

std::string PostgresHistory::chosen(const char* columns, const RunFilter& filter, std::size_t limit) const {
    std::string sql = fmt::format("select {} from understudy.run where true", columns);
    if (!filter.job.empty()) sql += " and job = " + literal(filter.job);
    if (!filter.verdict.empty()) sql += " and verdict = " + literal(filter.verdict);
    if (filter.releases_only) sql += " and release <> ''";
    if (!filter.before.empty()) sql += " and id < " + literal(filter.before);
    return sql + fmt::format(" order by id desc limit {}", limit);
}

Result<void> PostgresHistory::add(const RunRecord& run) {
    UNDERSTUDY_CHECK(compare::check_run(run));
    return within(Mode::write, [&](ControlConnection& connection) -> Result<void> {
        UNDERSTUDY_TRY(const auto added, connection.query(insert_run(connection, run)));
        if (added.empty()) {
            return make_error(Errc::usage, fmt::format("{} has a run {} already", where_, run.observed.summary.id));
        }
        for (const std::string& sql : insert_parts(connection, run)) UNDERSTUDY_CHECK(connection.query(sql));
        return {};
    });
}

Result<RunPage> PostgresHistory::list(const RunFilter& filter) {
    RunPage page;
    const std::size_t limit = std::min(filter.limit, RunFilter::kMaxLimit);
    UNDERSTUDY_CHECK(within(Mode::read, [&](ControlConnection& connection) -> Result<void> {
        UNDERSTUDY_TRY(const auto rows, connection.query(chosen(kRunColumns, filter, limit + 1)));
        page.more = rows.size() > limit;
        for (std::size_t i = 0; i < rows.size() && i < limit; ++i) {
            UNDERSTUDY_TRY(auto summary, summary_of_row(rows[i]));
            page.runs.push_back(std::move(summary));
        }
        return {};
    }));
    return page;
}

Result<std::vector<compare::ObservedRun>> PostgresHistory::observed(const RunFilter& filter) {
    std::vector<compare::ObservedRun> runs;
    const std::string columns = fmt::format("{}, asked", kRunColumns);
    UNDERSTUDY_CHECK(within(Mode::read, [&](ControlConnection& connection) -> Result<void> {
        const std::size_t limit = std::min(filter.limit, RunFilter::kMaxLimit);
        UNDERSTUDY_TRY(const auto rows, connection.query(chosen(columns.c_str(), filter, limit)));
        for (const catalog::Row& row : rows) {
            compare::ObservedRun& run = runs.emplace_back();
            UNDERSTUDY_TRY(run.summary, summary_of_row(row));
            run.asked = values_of_lines(row.back().value_or(""));
        }
        if (runs.empty()) return {};
        UNDERSTUDY_TRY(
            const auto findings,
            connection.query(fmt::format("select {} from understudy.finding where run in ({}) order by run desc, "
                                         "position",
                                         kFindingColumns, ids_of(runs))));
        auto run = runs.begin();
        for (const catalog::Row& row : findings) {
            while (run != runs.end() && run->summary.id != row[0].value_or("")) ++run;
            if (run == runs.end()) return make_error(Errc::protocol, "a finding of the history has no run");
            UNDERSTUDY_TRY(auto finding, finding_of_row(row));
            run->findings.push_back(std::move(finding));
        }
        return {};
    }));
    return runs;
}

Result<RunRecord> PostgresHistory::read(const std::string& id) {
    RunRecord run;
    const std::string columns = fmt::format("{}, asked, text, report", kRunColumns);
    UNDERSTUDY_CHECK(within(Mode::read, [&](ControlConnection& connection) -> Result<void> {
        const std::string quoted = connection.quoted_literal(id);
        UNDERSTUDY_TRY(const auto rows,
                       connection.query(fmt::format("select {} from understudy.run where id = {}", columns, quoted)));
        if (rows.size() != 1) return no_such_run(id, where_);
        const catalog::Row& row = rows[0];
        UNDERSTUDY_TRY(run.observed.summary, summary_of_row(row));
        run.observed.asked = values_of_lines(row[row.size() - 3].value_or(""));
        run.text = row[row.size() - 2].value_or("");
        run.report = row[row.size() - 1].value_or("");
        UNDERSTUDY_TRY(const auto findings, connection.query(fmt::format(
                                                "select {} from understudy.finding where run = {} order by position",
                                                kFindingColumns, quoted)));
        for (const catalog::Row& one : findings) {
            UNDERSTUDY_TRY(auto finding, finding_of_row(one));
            run.observed.findings.push_back(std::move(finding));
        }
        UNDERSTUDY_TRY(const auto latencies,
                       connection.query(fmt::format("select {} from understudy.latency cross join (values "
                                                    "(0)) as _ (at_ns) where run = {} order by fingerprint",
                                                    kLatencyColumns, quoted)));
        for (const catalog::Row& one : latencies) {
            UNDERSTUDY_TRY(auto point, point_of_row(one));
            run.latencies.push_back(std::move(point.latency));
        }
        return {};
    }));
    return run;
}

Result<std::vector<compare::LatencyPoint>> PostgresHistory::points(const std::string& sql) {
    std::vector<compare::LatencyPoint> points;
    UNDERSTUDY_TRY(const auto rows, connection_->query(sql));
    points.reserve(rows.size());
    for (const catalog::Row& row : rows) {
        UNDERSTUDY_TRY(auto point, point_of_row(row));
        points.push_back(std::move(point));
    }
    return points;
}

Result<std::vector<compare::LatencyPoint>> PostgresHistory::latency(const std::string& fingerprint,
                                                                    const RunFilter& filter) {
    std::vector<compare::LatencyPoint> found;
    UNDERSTUDY_CHECK(within(Mode::read, [&](ControlConnection& connection) -> Result<void> {
        const std::string runs = chosen("id, at_ns", filter, std::min(filter.limit, RunFilter::kMaxLimit));
        UNDERSTUDY_TRY(
            found, points(fmt::format("select {} from ({}) as chosen join understudy.latency on run = chosen.id where "
                                      "fingerprint = {} order by run",
                                      kLatencyColumns, runs, connection.quoted_literal(fingerprint))));
        return {};
    }));
    return found;
}

Result<std::vector<compare::LatencyPoint>> PostgresHistory::latencies(const RunFilter& filter) {
    std::vector<compare::LatencyPoint> found;
    UNDERSTUDY_CHECK(within(Mode::read, [&](ControlConnection&) -> Result<void> {
        const std::string runs = chosen("id, at_ns", filter, std::min(filter.limit, RunFilter::kMaxLimit));
        UNDERSTUDY_TRY(
            found, points(fmt::format("select run, at_ns, fingerprint, '', calls, baseline_median_ms, baseline_p95_ms, "
                                      "baseline_p99_ms, candidate_median_ms, candidate_p95_ms, candidate_p99_ms from "
                                      "({}) as chosen join understudy.latency on run = chosen.id order by run, "
                                      "fingerprint",
                                      runs)));
        return {};
    }));
    return found;
}

Result<void> PostgresHistory::change(const std::string& id, const char* statement,
                                     const std::optional<std::string>& value) {
    return within(Mode::write, [&](ControlConnection& connection) -> Result<void> {
        const std::string quoted = value ? connection.quoted_literal(*value) : std::string();
        UNDERSTUDY_TRY(const auto rows, connection.query(fmt::format("{} {} where id = {} returning id", statement,
                                                                     quoted, connection.quoted_literal(id))));
        return rows.size() == 1 ? Result<void>() : Result<void>(no_such_run(id, where_));
    });
}

Result<void> PostgresHistory::mark_release(const std::string& id, const std::string& name) {
    return change(id, "update understudy.run set release =", compare::plain_utf8(name, RunRecord::kMaxName));
}

Result<void> PostgresHistory::keep_certificate(const std::string& id, const std::string& text) {
    if (text.empty() || text.size() > RunRecord::kMaxText) {
        return make_error(Errc::usage, "the certificate is empty, or too great");
    }
    if (text.find('\0') != std::string::npos)
        return make_error(Errc::usage, "the certificate is no text: it holds NUL");
    return change(id, "update understudy.run set certificate =", text);
}

Result<std::optional<std::string>> PostgresHistory::certificate(const std::string& id) {
    std::optional<std::string> text;
    UNDERSTUDY_CHECK(within(Mode::read, [&](ControlConnection& connection) -> Result<void> {
        UNDERSTUDY_TRY(const auto rows, connection.query("select certificate from understudy.run where id = " +
                                                         connection.quoted_literal(id)));
        if (rows.size() != 1) return no_such_run(id, where_);
        text = rows[0][0];
        return {};
    }));
    return text;
}

Result<void> PostgresHistory::remove(const std::string& id) {
    return change(id, "delete from understudy.run", std::nullopt);
}

}  // namespace understudy::app
