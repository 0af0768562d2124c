#pragma once

#include "core/base/error.hpp"
#include "core/catalog/control_connection.hpp"
#include "schema/hazard/table_facts.hpp"

namespace understudy::schema::hazard {

/// What of a database the judgement needs.
struct WantedFacts {
    std::set<Bytes> tables;     ///< names without schema: of these, and of their partitions, the size is measured
    std::set<Bytes> functions;  ///< whose volatility counts
};

/// More relations than this are refused.
inline constexpr std::size_t kMaxRelations = 50'000;

/// Asks the server, within one read-only transaction of the connection's limits. It locks the named tables ACCESS SHARE
/// for a moment, to measure them. Errors: Errc::io from the server, Errc::limit beyond kMaxRelations.
Result<SchemaFacts> read_facts(catalog::ControlConnection& connection, const WantedFacts& wanted);

/// The tables and functions that a statement's actions name, added to `wanted`.
void add_wanted(const std::vector<sql::DdlAction>& actions, BytesView statement, WantedFacts& wanted);

}  // namespace understudy::schema::hazard
