#include "app/migration_hazards.hpp"

#include "app/capture_input.hpp"
#include "core/catalog/control_connection.hpp"
#include "schema/hazard/read_facts.hpp"
#include "schema/hazard/traffic_collector.hpp"

namespace understudy::app {
namespace {

namespace hazard = schema::hazard;

std::vector<hazard::ScriptStatement> script_of(const schema::Script& script) {
    std::vector<hazard::ScriptStatement> statements;
    for (const schema::ScriptStatement& statement : script.statements) {
        statements.push_back({statement.text, script.path, static_cast<std::uint32_t>(statement.line)});
    }
    return statements;
}

Result<hazard::SchemaFacts> facts_of(const std::string& target, const schema::MigrationSet& set,
                                     const std::vector<std::size_t>& pending) {
    if (target.empty()) return hazard::SchemaFacts();
    hazard::WantedFacts wanted;
    for (const std::size_t index : pending) {
        for (const schema::ScriptStatement& statement : set.migrations[index].up.statements) {
            const auto actions = sql::ddl_effects(statement.text);
            if (actions) hazard::add_wanted(*actions, statement.text, wanted);
        }
    }
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(target));
    return hazard::read_facts(connection, wanted);
}

}  // namespace

Result<hazard::Traffic> recorded_traffic(const std::string& capture, const std::string& database, const Keys& keys) {
    hazard::TrafficCollector collector(database);
    UNDERSTUDY_TRY(const auto files, input_files({capture}));
    for (const std::string& file : files) {
        UNDERSTUDY_CHECK(read_capture(file, keys.ring, [&](Event&& event) { collector.on_event(event); }));
    }
    return collector.take();
}

Result<std::vector<hazard::HazardReport>> migration_hazards(const schema::MigrationSet& set,
                                                            const std::vector<std::size_t>& pending,
                                                            const std::string& target,
                                                            const hazard::Traffic& traffic) {
    UNDERSTUDY_TRY(const hazard::SchemaFacts facts, facts_of(target, set, pending));
    std::vector<hazard::HazardReport> reports;
    for (const std::size_t index : pending) {
        const schema::Migration& migration = set.migrations[index];
        const bool each = migration.up_mode == schema::RunMode::statements;
        reports.push_back(hazard::judge_hazards(
            script_of(migration.up),
            each ? hazard::TransactionMode::each_statement : hazard::TransactionMode::whole_file, facts, traffic));
    }
    return reports;
}

}  // namespace understudy::app
