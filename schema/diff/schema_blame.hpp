#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "core/base/time.hpp"
#include "core/catalog/snapshot/schema_diff.hpp"
#include "core/sql/fingerprint.hpp"
#include "schema/check/recorded_statement.hpp"

namespace understudy::schema {

/// The recorded statements of one fingerprint that touch what changed.
struct TouchingQuery {
    sql::Fingerprint fingerprint;
    Bytes statement;  ///< normalised: no constants
    bool writes = false;
    std::uint64_t executions = 0;
    Timestamp last;
    std::set<Bytes> users;
};

/// A change with those that it concerns.
struct BlamedChange {
    catalog::ObjectChange change;
    std::vector<catalog::Effect> felt;   ///< of its effects those that a recorded statement can feel, worst first
    std::vector<TouchingQuery> queries;  ///< most often executed first
    std::uint64_t spared = 0;  ///< distinct statements that touch it, but not by a role, or in a way, concerned
    [[nodiscard]] bool breaks() const;  ///< a recorded statement that was running fails
};

struct SchemaBlame {
    std::vector<BlamedChange> changes;  ///< in the order of schema_diff()
    std::uint64_t statements = 0;       ///< distinct ones that were looked at
    std::uint64_t unparsed = 0;         ///< of these: the parser does not know their syntax, so nothing is known
    std::uint64_t executions = 0;
    Timestamp first;  ///< of the capture
    Timestamp last;
};

/// Which recorded statements touch what changed: relations and columns by name through search_path and views,
/// functions, types by the columns that have them; of privileges and row security those whose role loses what they
/// need, of triggers those that they are run for. Changes that no statement names, such as settings, concern all
/// statements of the role.
SchemaBlame blame(const std::vector<catalog::ObjectChange>& changes, const catalog::Snapshot& before,
                  const catalog::Snapshot& after, const RecordedStatements& recorded, Timestamp first, Timestamp last);

}  // namespace understudy::schema
