#include "schema/hazard/traffic.hpp"

#include <algorithm>

namespace understudy::schema::hazard {
namespace {

bool means(const sql::RelationName& written, const sql::RelationName& table) {
    return written.name == table.name &&
           (written.schema.empty() || table.schema.empty() || written.schema == table.schema);
}

}  // namespace

TableTraffic traffic_of(const Traffic& traffic, const sql::RelationName& table) {
    constexpr double kMinute = 60;
    TableTraffic found;
    if (!traffic.known()) return found;
    const double seconds = std::max(traffic.span.to_seconds(), 1.0);
    for (const auto& [name, relation] : traffic.relations) {
        if (!means(name, table)) continue;
        found.reads += static_cast<double>(relation.reads) / seconds;
        found.writes += static_cast<double>(relation.writes) / seconds;
        found.busiest += static_cast<double>(relation.busiest_minute) / std::min(seconds, kMinute);
        if (relation.longest_transaction > found.longest_transaction) {
            found.longest_transaction = relation.longest_transaction;
            found.longest_application = relation.longest_application;
        }
        found.statements.insert(found.statements.end(), relation.statements.begin(), relation.statements.end());
    }
    std::sort(found.statements.begin(), found.statements.end());
    found.statements.erase(std::unique(found.statements.begin(), found.statements.end()), found.statements.end());
    return found;
}

std::uint64_t transactions_in_order(const Traffic& traffic, const sql::RelationName& first,
                                    const sql::RelationName& second) {
    std::uint64_t count = 0;
    for (const auto& [pair, transactions] : traffic.orders) {
        if (means(pair.first, first) && means(pair.second, second)) count += transactions;
    }
    return count;
}

}  // namespace understudy::schema::hazard
