#include "app/rehearse/rollback_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/copies/copy_tag.hpp"
#include "app/process/command_run.hpp"
#include "app/rehearse/comparing.hpp"
#include "app/rehearse/replay_program.hpp"
#include "app/rehearse/stepped_command.hpp"
#include "core/catalog/snapshot/read_snapshot.hpp"
#include "core/catalog/snapshot/snapshot_fingerprint.hpp"
#include "core/sql/lexer.hpp"
#include "schema/migration/applied.hpp"

namespace understudy::app {
namespace {

constexpr const char* kPurpose = "rollback";

/// A property in a line of a report: what people wrote into the schema for people, and constants, stay at home.
std::string shown(const catalog::Property& property) {
    constexpr std::size_t kMaxBytes = 200;
    if (property.name == "comment") return "(text)";
    const Bytes value = property.text();
    std::string text;
    std::size_t done = 0;
    for (const sql::Token& token : sql::Tokens(value)) {
        const bool constant = token.kind == sql::TokenKind::string || token.kind == sql::TokenKind::dollar_string;
        if (!constant && token.kind != sql::TokenKind::comment) continue;
        text.append(value.substr(done, token.offset - done)).append(constant ? "'…'" : "");
        done = token.end();
    }
    text.append(value.substr(done));
    for (char& c : text) c = c == '\n' ? ' ' : c;
    return text.size() > kMaxBytes ? text.substr(0, kMaxBytes) + "…" : text;
}

/// One property a line, as the fingerprint sees them.
std::string lines_of(const catalog::Snapshot& snapshot) {
    std::string text;
    for (const catalog::SchemaObject& object : snapshot.objects) {
        const auto& id = object.identity;
        const std::string name = fmt::format("{} {}{}{}{}{}", id.kind, id.schema, id.schema.empty() ? "" : ".",
                                             id.relation, id.relation.empty() || id.name.empty() ? "" : ".", id.name);
        text += name + "\n";
        for (const catalog::Property& property : object.properties) {
            text += fmt::format("{}: {} = {}\n", name, property.name, shown(property));
        }
    }
    return text;
}

/// Whether the object is a migration tool's own bookkeeping: its table and what belongs to it.
bool is_bookkeeping(const catalog::ObjectIdentity& id) {
    const std::set<std::string>& tables = schema::version_tables();
    if (id.schema == "sqitch" || (id.kind == "schema" && id.name == "sqitch")) return true;
    if (tables.contains(id.relation) || (id.kind == "relation" && tables.contains(id.name))) return true;
    if (id.kind != "sequence") return false;
    return std::any_of(tables.begin(), tables.end(), [&](const std::string& table) {
        return id.name.starts_with(table + "_") && id.name.ends_with("_seq");
    });
}

/// A tool makes its table of versions when it first runs, and keeps it when it goes back.
void forget_version_tables(catalog::Snapshot& snapshot) {
    std::erase_if(snapshot.objects,
                  [](const catalog::SchemaObject& object) { return is_bookkeeping(object.identity); });
}

}  // namespace

void forget_copy_tags(catalog::Snapshot& snapshot) {
    for (catalog::SchemaObject& object : snapshot.objects) {
        if (object.identity.kind != "database") continue;
        for (catalog::Property& property : object.properties) {
            auto* text = std::get_if<Bytes>(&property.value);
            if (property.name == "comment" && text != nullptr) *text = comment_without_tags(*text);
        }
        std::erase_if(object.properties, [](const catalog::Property& property) {
            return property.name == "comment" && property.text().empty();
        });
    }
}

Result<std::unique_ptr<RehearsalRollbackHost>> RehearsalRollbackHost::open(
    const RehearseOptions& options, CopyOptions copies, std::string baseline, std::string answers,
    std::function<void(const std::string&)> tell) {
    UNDERSTUDY_TRY(auto of_target, DatabaseCopies::open(options.target, copies));
    return std::unique_ptr<RehearsalRollbackHost>(new RehearsalRollbackHost(
        options, std::move(copies), std::move(baseline), std::move(answers), std::move(tell), std::move(of_target)));
}

Result<schema::ScratchCopy> RehearsalRollbackHost::make_copy(const schema::ScratchCopy* of) {
    if (of == nullptr) {
        UNDERSTUDY_TRY(const DatabaseCopy copy, of_target_.create(kPurpose, CopyKind::template_copy));
        return schema::ScratchCopy{copy.name, copy.conninfo};
    }
    UNDERSTUDY_TRY(auto opened, DatabaseCopies::open(of->conninfo, copy_options_));
    const auto maker = std::make_shared<DatabaseCopies>(std::move(opened));
    UNDERSTUDY_TRY(const DatabaseCopy copy, maker->create(kPurpose, CopyKind::template_copy));
    makers_.emplace(copy.name, maker);
    return schema::ScratchCopy{copy.name, copy.conninfo};
}

Result<void> RehearsalRollbackHost::drop_copy(const schema::ScratchCopy& copy) {
    const auto maker = makers_.find(copy.name);
    if (maker == makers_.end()) return of_target_.drop(copy.name);
    const auto dropped = maker->second->drop(copy.name);
    makers_.erase(maker);
    return dropped;
}

Result<schema::SchemaState> RehearsalRollbackHost::schema_state(const schema::ScratchCopy& copy) {
    UNDERSTUDY_TRY(catalog::Snapshot snapshot, catalog::read_snapshot(copy.conninfo));
    forget_copy_tags(snapshot);
    if (has_command(schema::Direction::up)) forget_version_tables(snapshot);
    return schema::SchemaState{catalog::fingerprint(snapshot), lines_of(snapshot)};
}

Result<schema::TrafficOutcome> RehearsalRollbackHost::replay(const schema::ScratchCopy& copy) {
    const ReplayJob job{copy.conninfo, answers_, options_.speed, {"--ignore-start-state"}};
    UNDERSTUDY_CHECK(run_replay_job(options_, job, copy_options_.stop));
    UNDERSTUDY_TRY(const compare::Report report,
                   compare_runs({baseline_, answers_, {}, {}}, options_.keys, options_.judging.report));
    schema::TrafficOutcome outcome;
    outcome.executed = report.coverage.compared;
    for (const compare::Finding& finding : report.findings) {
        if (finding.severity != compare::Severity::breaking) continue;
        if (outcome.first_failure.empty()) outcome.first_failure = finding.explanation;
        outcome.failed += finding.count;
    }
    outcome.served = outcome.failed == 0;
    return outcome;
}

bool RehearsalRollbackHost::has_command(schema::Direction direction) const {
    return !(direction == schema::Direction::up ? options_.migration.command : options_.migration.rollback_command)
                .empty();
}

Result<schema::CommandOutcome> RehearsalRollbackHost::run_command(schema::Direction direction,
                                                                  const schema::ScratchCopy& copy) {
    const std::string& command =
        direction == schema::Direction::up ? options_.migration.command : options_.migration.rollback_command;
    UNDERSTUDY_TRY(const auto environment, command_environment(copy.conninfo));
    UNDERSTUDY_TRY(const CommandEnd end, app::run_command(command, environment, copy_options_.stop));
    const bool succeeded = end.exit_code == 0 && !end.stopped;
    return schema::CommandOutcome{succeeded, false, succeeded ? "" : failure_text(command, end)};
}

Result<schema::CommandPlaces> RehearsalRollbackHost::command_places(const schema::ScratchCopy& copy) {
    const std::string& command = options_.migration.command;
    UNDERSTUDY_TRY(SteppedRun run, run_stepped(copy.conninfo, command, std::nullopt, copy_options_.stop));
    if (run.end.exit_code == 0 && !run.end.stopped) return std::move(run.places);
    return make_error(Errc::inconclusive, "while it was watched, it failed: " + failure_text(command, run.end));
}

Result<schema::CommandOutcome> RehearsalRollbackHost::cut_command(const schema::ScratchCopy& copy,
                                                                  const schema::CommandPlace& place,
                                                                  schema::Interruption kind) {
    const std::string& command = options_.migration.command;
    UNDERSTUDY_TRY(const SteppedRun run,
                   run_stepped(copy.conninfo, command, CommandCut{place, kind}, copy_options_.stop));
    const bool succeeded = run.end.exit_code == 0 && !run.end.stopped;
    return schema::CommandOutcome{succeeded, run.cut, succeeded ? "" : failure_text(command, run.end)};
}

}  // namespace understudy::app
