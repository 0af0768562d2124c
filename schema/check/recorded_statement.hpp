#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/sql/fingerprint.hpp"

namespace understudy::schema {

/// One execution's values: of a statement with other literals its text, of a bound one the parameters.
struct StatementSample {
    Bytes sql;   ///< empty: the statement's own text
    Bytes bind;  ///< the Bind message's body after the two names; empty: no parameters
    friend bool operator==(const StatementSample&, const StatementSample&) = default;
};

/// One of the distinct statements of a capture. Distinct are: fingerprint, kinds of the literals (`code = 1`
/// and `code = '1'` share a fingerprint), names with numbers (so do orders_2023 and orders_2024), declared parameter types,
/// user, the search_path that was in force, and the temporary tables that it names.
struct RecordedStatement {
    Bytes sql;  ///< as it was first recorded
    sql::Fingerprint fingerprint;
    std::vector<std::uint32_t> parameter_types;  ///< as declared in Parse: OIDs of the recorded server, 0 for none
    Bytes user;                                  ///< empty when unknown
    std::optional<Bytes> search_path;            ///< nothing: the default of the role and database
    std::vector<Bytes> temps;     ///< what makes the session's temporary tables that it names (TempCreation::sql), in order
    bool prepared = false;                       ///< under a name, so that it may be held for long
    std::uint64_t executions = 0;                ///< statements of a Query, and Execute messages
    Timestamp first;                             ///< when it was prepared or run
    Timestamp last;
    std::vector<StatementSample> samples;  ///< different ones; a few
    bool samples_complete = true;          ///< no execution had other values
    std::vector<Bytes> recorded_errors;    ///< SQLSTATEs that the recorded server answered it with; a few
};

/// A type by what identifies it in every copy of a database.
struct TypeIdentity {
    Bytes schema;
    Bytes name;
    friend auto operator<=>(const TypeIdentity&, const TypeIdentity&) = default;
};

/// What a capture holds for checking.
struct RecordedStatements {
    std::vector<RecordedStatement> statements;
    /// The recorded server's user types that parameters were declared with; as far as the capture has a
    /// catalogue.
    std::map<std::uint32_t, TypeIdentity> declared_types;
    std::uint64_t executions = 0;          ///< of all statements, also those not kept
    std::uint64_t unknown_statements = 0;  ///< different names of prepared statements whose Parse was never seen
    std::uint64_t unknown_executions = 0;  ///< how often these were bound
    std::uint64_t called_functions =
        0;                              ///< different functions called by FunctionCall messages, which name them by OID
    std::uint64_t unreadable = 0;       ///< exchanges with lost bytes or a message beyond the limit
    std::uint64_t beyond_limit = 0;     ///< executions of statements beyond the collector's limits
    std::uint64_t other_databases = 0;  ///< sessions of databases that were not asked for
};

}  // namespace understudy::schema
