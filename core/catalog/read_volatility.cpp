#include "core/catalog/read_volatility.hpp"

#include "core/catalog/row_reader.hpp"

namespace understudy::catalog {
namespace {

struct Entry {
    Bytes schema;
    Bytes name;
    bool is_volatile = false;
};

}  // namespace

Result<FunctionVolatility> read_volatility(const std::string& conninfo, const ControlLimits& limits) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, limits));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    std::vector<Entry> entries;
    UNDERSTUDY_CHECK(read_into(connection, entries,
                               "select n.nspname, p.proname, pg_catalog.bool_or(p.provolatile = 'v')"
                               " from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace"
                               " group by 1, 2",
                               [](RowReader& row) {
                                   Entry entry;
                                   entry.schema = row.text();
                                   entry.name = row.text();
                                   entry.is_volatile = row.boolean();
                                   return entry;
                               }));
    FunctionVolatility functions;
    for (const Entry& entry : entries) functions.add(entry.schema, entry.name, entry.is_volatile);
    return functions;
}

}  // namespace understudy::catalog
