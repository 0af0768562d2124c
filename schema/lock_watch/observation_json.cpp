#include <nlohmann/json.hpp>

#include "schema/check/text_format.hpp"
#include "schema/lock_watch/observation.hpp"

namespace understudy::schema::lock_watch {
namespace {

using Json = nlohmann::ordered_json;

/// Seconds since the watch began.
double since(const MigrationObservation& seen, Timestamp time) { return (time - seen.begin).to_seconds(); }

Json blockers_json(const std::vector<Blocker>& blockers) {
    Json list = Json::array();
    for (const Blocker& blocker : blockers) {
        list.push_back({{"pid", blocker.pid},
                        {"user", blocker.user},
                        {"application", blocker.application},
                        {"state", blocker.state},
                        {"transaction_age_seconds", blocker.transaction_age.to_seconds()},
                        {"fingerprint", blocker.fingerprint.hex()},
                        {"query", blocker.query}});
    }
    return list;
}

Json locks_json(const MigrationObservation& seen) {
    Json list = Json::array();
    for (const HeldLock& lock : seen.held) {
        list.push_back({{"relation", lock.relation},
                        {"mode", to_string(lock.mode)},
                        {"statement", lock.statement},
                        {"from_seconds", since(seen, lock.first)},
                        {"to_seconds", since(seen, lock.last)}});
    }
    return list;
}

Json waits_json(const MigrationObservation& seen) {
    Json list = Json::array();
    for (const WaitedLock& wait : seen.waited) {
        list.push_back({{"relation", wait.relation},
                        {"mode", to_string(wait.mode)},
                        {"statement", wait.statement},
                        {"from_seconds", since(seen, wait.first)},
                        {"to_seconds", since(seen, wait.last)},
                        {"blockers", blockers_json(wait.blockers)}});
    }
    return list;
}

Json stalls_json(const MigrationObservation& seen) {
    Json list = Json::array();
    for (const Stall& stall : seen.stalls) {
        list.push_back({{"pid", stall.pid},
                        {"user", stall.user},
                        {"application", stall.application},
                        {"fingerprint", stall.fingerprint.hex()},
                        {"query", stall.query},
                        {"relation", stall.relation},
                        {"from_seconds", since(seen, stall.first)},
                        {"longest_seconds", stall.longest.to_seconds()},
                        {"total_seconds", stall.total.to_seconds()},
                        {"waits", stall.waits},
                        {"while_migration_waited", stall.while_waiting}});
    }
    return list;
}

}  // namespace

std::string to_json(const MigrationObservation& seen) {
    Json json;
    json["format_version"] = kObservationFormatVersion;
    json["begin"] = utc_text(seen.begin);
    json["seconds"] = (seen.end - seen.begin).to_seconds();
    json["samples"] = seen.samples;
    json["failed_samples"] = seen.failed_samples;
    json["longest_gap_seconds"] = seen.longest_gap.to_seconds();
    json["migration_seen"] = seen.migration_seen;
    if (!seen.failure.empty()) json["failure"] = seen.failure;
    json["held"] = locks_json(seen);
    json["waited"] = waits_json(seen);
    json["longest_stall_seconds"] = seen.longest_stall.to_seconds();
    json["stalls"] = stalls_json(seen);
    json["deadlocks_seen"] = Json::array();
    for (const DeadlockSeen& deadlock : seen.deadlocks_seen) {
        json["deadlocks_seen"].push_back({{"at_seconds", since(seen, deadlock.time)},
                                          {"with_migration", deadlock.with_migration},
                                          {"members", blockers_json(deadlock.members)}});
    }
    json["deadlocks"] = seen.deadlocks;
    if (seen.wal_bytes >= 0) json["wal_bytes"] = seen.wal_bytes;
    json["temp_bytes"] = seen.temp_bytes;
    json["disk_bytes"] = seen.disk_bytes;
    json["rewrites"] = Json::array();
    for (const Rewrite& rewrite : seen.rewrites) {
        Json entry = {{"relation", rewrite.relation}};
        if (rewrite.bytes_before >= 0) entry["bytes_before"] = rewrite.bytes_before;
        if (rewrite.bytes_after >= 0) entry["bytes_after"] = rewrite.bytes_after;
        json["rewrites"].push_back(std::move(entry));
    }
    json["rewrites_of_largest_tables_only"] = seen.tables_cut;
    json["timeline"] = Json::array();
    for (const TimelineEntry& entry : seen.timeline) {
        json["timeline"].push_back({{"at_seconds", since(seen, entry.time)}, {"what", entry.what}});
    }
    json["beyond_limit"] = seen.beyond_limit;
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::schema::lock_watch
