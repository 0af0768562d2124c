#include <nlohmann/json.hpp>

#include "schema/rollback/rollback_report.hpp"

namespace understudy::schema {
namespace {

using Json = nlohmann::ordered_json;

Json step_json(const StepOutcome& outcome) {
    Json json = {{"ran", outcome.ran}};
    if (!outcome.ran) {
        json["failure"] = outcome.failure;
        json["sqlstate"] = outcome.sqlstate;
        json["line"] = outcome.line;
        return json;
    }
    json["schema_equal"] = outcome.schema_equal;
    json["data_equal"] = outcome.data_equal;
    if (!outcome.difference.empty()) json["difference"] = outcome.difference;
    return json;
}

Json traffic_json(const TrafficOutcome& traffic) {
    return {{"served", traffic.served},
            {"executed", traffic.executed},
            {"failed", traffic.failed},
            {"first_failure", traffic.first_failure}};
}

Json changes_json(const std::vector<DataChange>& changes) {
    Json all = Json::array();
    for (const DataChange& change : changes) {
        all.push_back({{"kind", to_string(change.kind)},
                       {"table", change.table},
                       {"column", change.column},
                       {"rows", change.rows},
                       {"exact", change.exact},
                       {"lost", loses_data(change)},
                       {"detail", change.detail}});
    }
    return all;
}

Json skipped_json(const std::vector<SkippedTrial>& skipped) {
    Json all = Json::array();
    for (const SkippedTrial& one : skipped) all.push_back({{"what", one.what}, {"why", one.why}});
    return all;
}

Json partial_json(const Migration& migration, const PartialOutcome& partial) {
    Json json = {{"where", partial.where()},
                 {"statement", partial.statement + 1},
                 {"line", partial.line},
                 {"kind", partial.by_itself      ? "by itself"
                          : partial.interruption ? to_string(*partial.interruption)
                                                 : "boundary"},
                 {"failure", partial.failure},
                 {"left", to_string(partial.left)},
                 {"recoverable", partial.recoverable()},
                 {"what_to_do", what_to_do(migration, partial)}};
    if (!partial.remains.empty()) json["remains"] = partial.remains;
    if (partial.left == Left::partial) json["data_changed"] = partial.data_changed;
    if (partial.up_again) json["up_again"] = step_json(*partial.up_again);
    if (partial.down) json["down"] = step_json(*partial.down);
    if (partial.traffic) json["traffic"] = traffic_json(*partial.traffic);
    return json;
}

Json migration_json(const MigrationRollback& one) {
    const RoundTrip& trip = one.trials.round_trip;
    Json json = {{"version", one.migration.version},
                 {"name", one.migration.name},
                 {"file", one.migration.up.path},
                 {"mode", to_string(one.migration.up_mode)},
                 {"class", to_string(one.classification.overall)},
                 {"way_back", to_string(one.classification.way_back)},
                 {"reasons", one.classification.reasons},
                 {"notes", one.notes},
                 {"up", step_json(trip.up)}};
    if (trip.verify) json["verify"] = step_json(*trip.verify);
    if (trip.down) {
        json["down"] = step_json(*trip.down);
        json["changes"] = changes_json(trip.changes);
    }
    if (trip.up_again) json["up_again"] = step_json(*trip.up_again);
    if (one.trials.traffic) {
        Json traffic = {{"traffic", traffic_json(one.trials.traffic->traffic)},
                        {"changes", changes_json(one.trials.traffic->changes)}};
        if (one.trials.traffic->down) traffic["down"] = step_json(*one.trials.traffic->down);
        json["after_traffic"] = std::move(traffic);
    }
    json["failures"] = Json::array();
    for (const PartialOutcome& partial : one.trials.partial)
        json["failures"].push_back(partial_json(one.migration, partial));
    json["skipped"] = skipped_json(one.trials.skipped);
    return json;
}

}  // namespace

std::string to_json(const RollbackReport& report) {
    Json json = {{"passed", report.passed()}, {"complete", report.complete()}, {"layout", report.detected},
                 {"trials", report.trials()}, {"copies", report.copies},       {"migrations", Json::array()}};
    for (const MigrationRollback& one : report.migrations) json["migrations"].push_back(migration_json(one));
    json["not_rehearsed"] = skipped_json(report.not_rehearsed);
    json["stopped"] = report.stopped;
    json["warnings"] = report.warnings;
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::schema
