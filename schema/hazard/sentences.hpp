#pragma once

#include <string>

#include "schema/hazard/hazard.hpp"

namespace understudy::schema::hazard {

// The words of hazards.

/// "public.orders"; quoted nowhere: it is for reading.
std::string name_text(const sql::RelationName& name);
/// "2.1 GB".
std::string bytes_text(std::uint64_t bytes);
/// "310", "4.2", "0.03".
std::string rate_text(double per_second);
/// "2.3 s", "14 min".
std::string time_text(Duration duration);
/// " (2.1 GB, about 12 million rows)", or what is not known; empty for a hazard without facts when no server was asked.
std::string size_text(const Hazard& hazard, const SchemaFacts& facts);
/// "310 calls/s (reads 250, writes 60; 620 in the busiest minute) wait behind it"; what a lock stops.
std::string waiting_text(const TableTraffic& traffic, sql::TableLock lock, bool traffic_known);
/// The safer way to write an action that works on a table's rows or locks it; empty if there is none to say.
std::string advice_for(const sql::DdlAction& action, TableWork work);

}  // namespace understudy::schema::hazard
