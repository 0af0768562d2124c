#pragma once

#include <string>

#include "app/check/checked_databases.hpp"
#include "core/net/conninfo.hpp"
#include "schema/check/answer_cache.hpp"

namespace understudy::app {

/// Asks both databases about plans, taking what earlier runs were told from a folder (`--cache`): of each statement, as
/// long as nothing of the schema that it can depend on has changed. Without a folder all is asked.
class AskedServers {
public:
    /// Reads both schemas, where there is a folder. Errors: those of the connections.
    static Result<AskedServers> open(const CheckedDatabases& databases, const std::string& folder,
                                     const schema::DescribeOptions& options);

    /// Errors: those of describe_on_both().
    Result<std::pair<schema::ServerAnswers, schema::ServerAnswers>> ask(const schema::RecordedStatements& recorded,
                                                                        const schema::CheckPlan& plan);
    /// Writes what is to be kept. Errors: Errc::io.
    Result<void> keep() const;

    [[nodiscard]] const net::ConnectionInfo& baseline() const { return baseline_; }
    [[nodiscard]] const net::ConnectionInfo& candidate() const { return candidate_; }
    /// For the reader: how many answers were taken; empty without a folder.
    [[nodiscard]] std::string note() const;

private:
    net::ConnectionInfo baseline_;
    net::ConnectionInfo candidate_;
    schema::DescribeOptions options_;
    std::string folder_;
    std::string environment_;
    catalog::ObjectFingerprints old_schema_;
    catalog::ObjectFingerprints new_schema_;
    schema::AnswerCache cache_;
    std::size_t wanted_ = 0;
    std::size_t taken_ = 0;
};

}  // namespace understudy::app
