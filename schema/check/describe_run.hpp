#pragma once

#include <utility>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/net/conninfo.hpp"
#include "schema/check/check_plan.hpp"
#include "schema/check/description.hpp"

namespace understudy::schema {

/// What one server said.
struct ServerAnswers {
    std::vector<Description> descriptions;  ///< one for each item of the plan
    TypeNames types;
    Bytes server_version;
};

struct DescribeOptions {
    Duration connect_timeout = Duration::seconds(10);
    Duration statement_timeout = Duration::seconds(10);  ///< of one Parse, Describe or catalogue query
    Duration lock_timeout = Duration::seconds(2);        ///< a Parse waits for a migration's lock on a table
    Duration silence = Duration::seconds(60);            ///< the longest wait for any answer
};

/// Parses and describes the plan's statements on both servers at once, one connection each. Nothing is
/// executed but our own questions to the catalogues and SETs; the connections are read-only besides. The
/// statements are parsed as the connection string's user, under the recorded search_path or, where the
/// session had none of its own, the one that the server's settings give the recorded user. Errors: Errc::io,
/// Errc::auth and Errc::protocol, their message naming the side.
Result<std::pair<ServerAnswers, ServerAnswers>> describe_on_both(const net::ConnectionInfo& baseline,
                                                                 const net::ConnectionInfo& candidate,
                                                                 const RecordedStatements& recorded,
                                                                 const CheckPlan& plan,
                                                                 const DescribeOptions& options = {});

}  // namespace understudy::schema
