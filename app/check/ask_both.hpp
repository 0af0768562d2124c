#pragma once

#include "app/check/checked_databases.hpp"
#include "schema/check/recorded_statement.hpp"

namespace understudy::app {

struct AskOptions {
    double min_coverage = 0;  ///< 0 to 1
    std::string cache;        ///< a folder of earlier answers; empty: none
    bool temp_tables = true;  ///< those that recorded statements need may be made, in transactions that are rolled back
};

/// Asks both databases about the statements and about the bodies that these run, predicts what that does not show, and
/// judges. Errors: those of the connections.
Result<schema::CheckReport> ask_both(const CheckedDatabases& databases, const schema::RecordedStatements& recorded,
                                     const AskOptions& options);

}  // namespace understudy::app
