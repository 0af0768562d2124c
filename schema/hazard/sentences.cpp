#include "schema/hazard/sentences.hpp"

#include <fmt/format.h>

#include <array>

namespace understudy::schema::hazard {
namespace {

using sql::ConstraintKind;
using sql::DdlKind;

std::string rows_text(double rows) {
    if (rows < 0) return "never analysed, rows unknown";
    if (rows >= 1e9) return fmt::format("about {:.1f} billion rows", rows / 1e9);
    if (rows >= 1e6) return fmt::format("about {:.1f} million rows", rows / 1e6);
    if (rows >= 1e4) return fmt::format("about {:.0f} thousand rows", rows / 1e3);
    return fmt::format("about {:.0f} row{}", rows, rows == 1 ? "" : "s");
}

std::string constraint_advice(const sql::DdlAction& action) {
    for (const sql::DdlConstraint& constraint : action.constraints) {
        switch (constraint.kind) {
            case ConstraintKind::primary_key:
            case ConstraintKind::unique:
                return "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX, which only takes it "
                       "over";
            case ConstraintKind::check:
            case ConstraintKind::foreign_key:
                return "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in a transaction of its own: that one lets "
                       "reads and "
                       "writes go on";
            default: break;
        }
    }
    return {};
}

std::string add_column_advice(const sql::DdlAction& action) {
    if (action.generated) return "add a plain column, fill it in batches, and keep it up with a trigger";
    if (action.identity || (action.type && action.type->name.find("serial") != Bytes::npos)) {
        return "add the column without a default, fill it in batches, then set the default and NOT NULL";
    }
    if (action.expression && !action.expression->constant) {
        return "add the column without a default, SET DEFAULT in a second statement (for new rows), fill the old rows "
               "in batches";
    }
    return "add the bare column first, then each constraint: NOT VALID and VALIDATE, or an index built CONCURRENTLY";
}

}  // namespace

std::string name_text(const sql::RelationName& name) {
    return name.schema.empty() ? name.name : name.schema + "." + name.name;
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> kUnits = {"bytes", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return value >= 100 || unit == 0 ? fmt::format("{:.0f} {}", value, kUnits[unit])
                                     : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string rate_text(double per_second) {
    if (per_second >= 10 || per_second == 0) return fmt::format("{:.0f}", per_second);
    return per_second >= 0.1 ? fmt::format("{:.1f}", per_second) : fmt::format("{:.2g}", per_second);
}

std::string time_text(Duration duration) {
    const double seconds = duration.to_seconds();
    if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
    if (seconds < 120) return fmt::format("{:.1f} s", seconds);
    return seconds < 7200 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

std::string size_text(const Hazard& hazard, const SchemaFacts& facts) {
    if (!facts.known()) return " (size unknown: no server was asked)";
    if (facts.table(hazard.relation) == nullptr) return " (not in the database that was asked)";
    if (hazard.bytes == 0) return fmt::format(" ({})", rows_text(hazard.rows));
    return fmt::format(" ({}, {})", bytes_text(hazard.bytes), rows_text(hazard.rows));
}

std::string waiting_text(const TableTraffic& traffic, sql::TableLock lock, bool traffic_known) {
    if (!traffic_known) return sql::stops_reads(lock) ? "reads and writes wait behind it" : "writes wait behind it";
    const bool reads = sql::stops_reads(lock);
    const double stopped = traffic.writes + (reads ? traffic.reads : 0);
    if (stopped == 0) return fmt::format("no recorded {} wait behind it", reads ? "calls" : "writes");
    std::string text = reads ? fmt::format("{} calls/s (reads {}, writes {}", rate_text(stopped),
                                           rate_text(traffic.reads), rate_text(traffic.writes))
                             : fmt::format("{} writes/s (", rate_text(stopped));
    if (reads && traffic.busiest > stopped)
        text += fmt::format("; {} in the busiest minute", rate_text(traffic.busiest));
    if (!reads) text += fmt::format("reads, {}/s, go on", rate_text(traffic.reads));
    return text + ") wait behind it";
}

std::string advice_for(const sql::DdlAction& action, TableWork work) {
    switch (action.kind) {
        case DdlKind::add_column: return work == TableWork::none ? "" : add_column_advice(action);
        case DdlKind::alter_column_type:
            if (work == TableWork::none) return {};
            return "add a column of the new type, fill it in batches with a trigger for new writes, then swap the "
                   "names";
        case DdlKind::set_not_null:
            if (work == TableWork::none) return {};
            return fmt::format(
                "ADD CONSTRAINT … CHECK ({} IS NOT NULL) NOT VALID, VALIDATE it in a transaction of its own, then SET "
                "NOT NULL (which no longer scans) and drop the CHECK",
                action.name);
        case DdlKind::add_constraint: return work == TableWork::none ? "" : constraint_advice(action);
        case DdlKind::create_index:
            return action.concurrently ? "" : "CREATE INDEX CONCURRENTLY, outside a transaction";
        case DdlKind::drop_index: return action.concurrently ? "" : "DROP INDEX CONCURRENTLY, outside a transaction";
        case DdlKind::reindex: return action.concurrently ? "" : "REINDEX (CONCURRENTLY), outside a transaction";
        case DdlKind::refresh_matview:
            return action.concurrently
                       ? ""
                       : "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index and lets reads go on";
        case DdlKind::detach_partition:
            return action.concurrently ? "" : "DETACH PARTITION … CONCURRENTLY (PostgreSQL 14), outside a transaction";
        case DdlKind::attach_partition:
            return "give the partition a valid CHECK that says its bounds first: then it is not scanned";
        case DdlKind::vacuum_full:
        case DdlKind::cluster:
            return "plain VACUUM keeps nobody waiting; to shrink a table in use, copy it in the background and swap";
        case DdlKind::set_logged:
        case DdlKind::set_tablespace:
        case DdlKind::set_access_method:
            return "do it in a maintenance window, or copy into a new table in batches and swap";
        case DdlKind::truncate: return "DELETE in batches, if others use the table meanwhile";
        default: return {};
    }
}

}  // namespace understudy::schema::hazard
