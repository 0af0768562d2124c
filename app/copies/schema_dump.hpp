#pragma once

#include <functional>
#include <string>

#include "core/base/error.hpp"

namespace understudy::app {

/// Where a schema is taken from and put. Errors of the calls: Errc::io.
struct SchemaTransfer {
    std::string from;          ///< connection string
    std::string to;            ///< connection string, of an empty database
    int server_major = 0;      ///< of both: pg_dump must not be older
    std::string postgres_bin;  ///< where pg_dump and psql are; empty: looked for
};

/// Copies the schema by `pg_dump --schema-only | psql`: everything but data, subscriptions (which would act) and
/// statistics. Stops at psql's first error, which is in the message, as is pg_dump's.
Result<void> transfer_schema(const SchemaTransfer& transfer, const std::function<bool()>& stop);

}  // namespace understudy::app
