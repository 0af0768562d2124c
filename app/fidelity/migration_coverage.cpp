#include "app/fidelity/migration_coverage.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "app/capture_input.hpp"
#include "core/catalog/search_path.hpp"
#include "core/sql/ddl_effects.hpp"
#include "schema/check/collector.hpp"
#include "schema/diff/touched.hpp"

namespace understudy::app {
namespace {

namespace fidelity = schema::fidelity;
using schema::RelationName;

/// A table, or with a second part a column of it.
using PlaceName = std::pair<RelationName, Bytes>;

bool names_a_column(sql::DdlKind kind) {
    using sql::DdlKind;
    constexpr DdlKind kOfColumns[] = {DdlKind::add_column,        DdlKind::drop_column,   DdlKind::rename_column,
                                      DdlKind::alter_column_type, DdlKind::set_default,   DdlKind::drop_default,
                                      DdlKind::set_not_null,      DdlKind::drop_not_null, DdlKind::drop_expression,
                                      DdlKind::identity};
    return std::find(std::begin(kOfColumns), std::end(kOfColumns), kind) != std::end(kOfColumns);
}

class Places {
public:
    Places(const catalog::Snapshot& before, const schema::TouchFinder& finder)
        : before_(before), finder_(finder), path_(finder.default_path({})) {
        for (const catalog::SchemaObject& object : before.objects) {
            if (object.identity.kind == "index") {
                tables_of_indexes_[object.identity.name] = {object.identity.schema, object.identity.relation};
            }
        }
    }

    void take(BytesView statement) {
        const auto actions = sql::ddl_effects(statement);
        if (!actions) {
            ++unknown_;
            return;
        }
        for (const sql::DdlAction& action : *actions) take(action, statement);
    }
    [[nodiscard]] const std::set<PlaceName>& found() const { return found_; }
    [[nodiscard]] std::uint64_t unknown() const { return unknown_; }

private:
    void take(const sql::DdlAction& action, BytesView statement) {
        if (action.kind == sql::DdlKind::run_code) ++unknown_;
        if (action.kind == sql::DdlKind::query) {
            for (const auto& [relation, touch] : finder_.touches(statement, path_).relations) {
                found_.insert({relation, {}});
                for (const Bytes& column : touch.columns) found_.insert({relation, column});
            }
            return;
        }
        const auto relation = resolve(action.relation);
        if (!relation) return;
        found_.insert({*relation, {}});
        if (names_a_column(action.kind)) found_.insert({*relation, action.name});
        for (const sql::DdlConstraint& constraint : action.constraints) {
            for (const Bytes& column : constraint.columns) found_.insert({*relation, column});
        }
    }

    /// Nothing for what the migration makes itself: nobody can have asked for it.
    [[nodiscard]] std::optional<RelationName> resolve(const sql::RelationName& name) const {
        if (name.name.empty()) return std::nullopt;
        std::vector<Bytes> schemas = path_;
        if (!name.schema.empty()) schemas = {name.schema};
        for (const Bytes& schema : schemas) {
            if (before_.find({"relation", schema, {}, name.name}) != nullptr) return RelationName{schema, name.name};
        }
        const auto index = tables_of_indexes_.find(name.name);
        return index == tables_of_indexes_.end() ? std::nullopt : std::optional(index->second);
    }

    const catalog::Snapshot& before_;
    const schema::TouchFinder& finder_;
    std::vector<Bytes> path_;
    std::map<Bytes, RelationName> tables_of_indexes_;
    std::set<PlaceName> found_;
    std::uint64_t unknown_ = 0;
};

bool touches(const schema::StatementTouches& touched, const PlaceName& place) {
    const auto relation = touched.relations.find(place.first);
    if (relation == touched.relations.end()) return false;
    return place.second.empty() || relation->second.all_columns || relation->second.columns.count(place.second) > 0;
}

}  // namespace

Result<schema::RecordedStatements> statements_of_capture(const std::string& capture, const Keys& keys) {
    schema::StatementCollector collector;
    UNDERSTUDY_TRY(const auto files, input_files({capture}));
    for (const std::string& file : files) {
        UNDERSTUDY_CHECK(read_capture(file, keys.ring, [&](Event&& event) { collector.on_event(event); }));
    }
    return collector.take();
}

MigrationCoverage cover_migration(const std::vector<Bytes>& migration, const catalog::Snapshot& before,
                                  const schema::RecordedStatements& recorded, const compare::Reproduction* found) {
    const schema::TouchFinder finder(before);
    Places places(before, finder);
    for (const Bytes& statement : migration) places.take(statement);
    std::map<PlaceName, std::map<Bytes, std::uint64_t>> asked;  // executions by fingerprint
    for (const PlaceName& place : places.found()) asked[place];
    for (const schema::RecordedStatement& statement : recorded.statements) {
        const auto path = statement.search_path ? catalog::schemas_of(*statement.search_path, statement.user)
                                                : finder.default_path(statement.user);
        const auto touched = finder.touches(statement.sql, path);
        for (auto& [place, fingerprints] : asked) {
            if (touches(touched, place)) fingerprints[statement.fingerprint.hex()] += statement.executions;
        }
    }
    MigrationCoverage result;
    result.unknown = places.unknown();
    for (const auto& [place, fingerprints] : asked) {
        fidelity::MigrationPlace entry;
        entry.table = fidelity::shown_name(place.first.first, place.first.second);
        entry.column = place.second;
        entry.fingerprints = fingerprints.size();
        for (const auto& [fingerprint, executions] : fingerprints) {
            if (found == nullptr) {
                entry.calls += executions;
                continue;
            }
            const auto counted = found->statements.find(fingerprint);
            if (counted == found->statements.end()) continue;
            entry.calls += counted->second.counts.calls;
            entry.same += counted->second.counts.same;
        }
        result.places.push_back(std::move(entry));
    }
    return result;
}

}  // namespace understudy::app
