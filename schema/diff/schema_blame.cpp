#include "schema/diff/schema_blame.hpp"

#include <algorithm>
#include <map>

#include "core/catalog/search_path.hpp"
#include "schema/diff/change_target.hpp"

namespace understudy::schema {
namespace {

/// What is found for one change while statements go by.
struct Found {
    std::set<std::size_t> felt;
    std::map<std::uint64_t, TouchingQuery> queries;  // by fingerprint
    std::uint64_t spared = 0;
};

void take(const RecordedStatement& statement, bool writes, Found& found) {
    TouchingQuery& query = found.queries[statement.fingerprint.value];
    if (query.statement.empty()) {
        query.fingerprint = statement.fingerprint;
        query.statement = sql::normalise(statement.sql);
    }
    query.writes = query.writes || writes;
    query.executions += statement.executions;
    query.last = std::max(query.last, statement.last);
    query.users.insert(statement.user);
}

BlamedChange blamed(const catalog::ObjectChange& change, Found&& found) {
    BlamedChange result{change, {}, {}, found.spared};
    for (const std::size_t index : found.felt) result.felt.push_back(change.effects[index]);
    for (auto& [fingerprint, query] : found.queries) result.queries.push_back(std::move(query));
    std::stable_sort(result.queries.begin(), result.queries.end(),
                     [](const TouchingQuery& a, const TouchingQuery& b) { return a.executions > b.executions; });
    return result;
}

}  // namespace

bool BlamedChange::breaks() const {
    return !queries.empty() && !felt.empty() && felt.front().what <= catalog::ChangeClass::privilege;
}

SchemaBlame blame(const std::vector<catalog::ObjectChange>& changes, const catalog::Snapshot& before,
                  const catalog::Snapshot& after, const RecordedStatements& recorded, Timestamp first, Timestamp last) {
    SchemaBlame result;
    result.first = first;
    result.last = last;
    result.executions = recorded.executions;
    result.statements = recorded.statements.size();
    std::vector<ChangeTarget> targets;
    targets.reserve(changes.size());
    for (const catalog::ObjectChange& change : changes) targets.emplace_back(change, before, after);
    std::vector<Found> found(changes.size());
    const TouchFinder finder(before);
    for (const RecordedStatement& statement : recorded.statements) {
        const auto path = statement.search_path ? catalog::schemas_of(*statement.search_path, statement.user)
                                                : finder.default_path(statement.user);
        const StatementTouches touches = finder.touches(statement.sql, path);
        if (!touches.parsed) {
            ++result.unparsed;
            continue;
        }
        for (std::size_t i = 0; i < targets.size(); ++i) {
            const Feeling feeling = targets[i].felt(touches, statement.user);
            if (feeling.spared) ++found[i].spared;
            if (feeling.effects.empty()) continue;
            found[i].felt.insert(feeling.effects.begin(), feeling.effects.end());
            take(statement, feeling.writes, found[i]);
        }
    }
    for (std::size_t i = 0; i < changes.size(); ++i) result.changes.push_back(blamed(changes[i], std::move(found[i])));
    return result;
}

}  // namespace understudy::schema
