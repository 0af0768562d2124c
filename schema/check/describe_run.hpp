#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/net/conninfo.hpp"
#include "schema/check/check_plan.hpp"
#include "schema/check/description.hpp"

namespace understudy::schema {

/// What one server said.
struct ServerAnswers {
    std::vector<Description> descriptions;  ///< one for each item of the plan
    /// For each item, what planning said to the values asked about (CheckPlan::Item): nothing, it was planned. None at
    /// all for what was refused by Parse, or cannot be planned.
    std::vector<std::vector<std::optional<Refusal>>> plans;
    std::vector<Bytes> paths;  ///< for each item, the search_path it was parsed under
    TypeNames types;
    Bytes server_version;
    /// Recorded users as whom the statements could not be parsed and planned, as one of the servers has no such role or
    /// does not let the connection's user become it: their privileges were not checked.
    std::set<Bytes> roles_not_assumed;
};

struct DescribeOptions {
    Duration connect_timeout = Duration::seconds(10);
    Duration statement_timeout = Duration::seconds(10);  ///< of one Parse, Describe or catalogue query
    Duration lock_timeout = Duration::seconds(2);        ///< a Parse waits for a migration's lock on a table
    Duration silence = Duration::seconds(60);            ///< the longest wait for any answer
    std::size_t samples = 4;                             ///< how many of a statement's recorded values are planned with
    bool temp_tables = true;  ///< those that statements need may be made, in transactions that are rolled back
};

/// Parses, describes and plans the plan's statements on both servers at once, one connection each. Nothing is
/// executed but our own questions to the catalogues and SETs; the connections are read-only besides. The
/// statements are parsed as the recorded user where both servers allow it (SET ROLE), under the recorded search_path
/// or, where the session had none of its own, the one that the server's settings give the recorded user. Errors:
/// Errc::io, Errc::auth and Errc::protocol, their message naming the side.
Result<std::pair<ServerAnswers, ServerAnswers>> describe_on_both(const net::ConnectionInfo& baseline,
                                                                 const net::ConnectionInfo& candidate,
                                                                 const RecordedStatements& recorded,
                                                                 const CheckPlan& plan,
                                                                 const DescribeOptions& options = {});
/// The same with a plan of its own for each side.
Result<std::pair<ServerAnswers, ServerAnswers>> describe_on_both(const net::ConnectionInfo& baseline,
                                                                 const net::ConnectionInfo& candidate,
                                                                 const RecordedStatements& recorded,
                                                                 const CheckPlan& of_baseline,
                                                                 const CheckPlan& of_candidate,
                                                                 const DescribeOptions& options);

}  // namespace understudy::schema
