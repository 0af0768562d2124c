#pragma once

#include <string>

#include "compare/history/run_record.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::app {

// Rows of the schema `understudy` to values and back. What a row lacks gives Errc::protocol.

extern const char* const kRunColumns;  ///< of understudy.run, for summary_of_row()
Result<compare::RunSummary> summary_of_row(const catalog::Row& row);

extern const char* const kFindingColumns;  ///< run first
Result<compare::RunFinding> finding_of_row(const catalog::Row& row);

extern const char* const kLatencyColumns;  ///< run and its at_ns first
Result<compare::LatencyPoint> point_of_row(const catalog::Row& row);

/// "insert into understudy.run … returning id": nothing comes back when there is such a run.
std::string insert_run(const catalog::ControlConnection& connection, const compare::RunRecord& run);
/// Statements that insert the findings and the latencies, several rows each.
std::vector<std::string> insert_parts(const catalog::ControlConnection& connection, const compare::RunRecord& run);

/// Fingerprints as one text, a line each, and back.
std::string lines_of(const std::vector<std::string>& values);
std::vector<std::string> values_of_lines(const std::string& lines);

}  // namespace understudy::app
