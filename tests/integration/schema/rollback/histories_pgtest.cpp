#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include <fstream>
#include <map>

#include "schema/migration/read_files.hpp"
#include "tests/integration/schema/rollback/cluster_host.hpp"

// Whole histories of migrations, each of more than twenty versions, rehearsed step by step: every version's class is
// what its author knows it to be.
namespace understudy::schema {
namespace {

std::map<std::string, std::string> expected_classes(const std::string& file) {
    std::map<std::string, std::string> expected;
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        for (const char* name : {"unrecoverable partial state", "undeclared irreversible", "declared irreversible",
                                 "migration fails", "reversible", "lossy"}) {
            if (!line.ends_with(std::string(" ") + name)) continue;
            expected[line.substr(0, line.size() - std::string(name).size() - 1)] = name;
            break;
        }
    }
    return expected;
}

/// Checks each half-way state against a second opinion: pg_dump's before and after.
class WatchingHost : public ClusterHost {
public:
    using ClusterHost::ClusterHost;
    void progress(const std::string& what) override { last_ = what; }
    std::string last_;
};

class Histories : public ::testing::TestWithParam<const char*> {};

TEST_P(Histories, EveryVersionHasItsClass) {
    auto& cluster = testing::ThrowawayCluster::shared();
    WatchingHost host(cluster, cluster.create_database(GetParam()));
    const std::string directory =
        std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/integration/schema/rollback/histories/" + GetParam();
    const auto set = read_migrations(directory);
    ASSERT_TRUE(set) << set.error().message;
    const auto expected = expected_classes(directory + "/expected.txt");
    ASSERT_EQ(expected.size(), set->migrations.size());
    ASSERT_GE(expected.size(), 20U);
    std::vector<std::size_t> all(set->migrations.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    RollbackSettings settings;
    settings.trials.kinds = {Interruption::cancel};
    const RollbackReport report = rehearse_rollback(*set, all, settings, host);
    EXPECT_EQ(report.stopped, "") << "while " << host.last_;
    ASSERT_EQ(report.migrations.size(), expected.size());
    for (const MigrationRollback& one : report.migrations) {
        RollbackReport alone;
        alone.migrations.push_back(one);
        EXPECT_EQ(to_string(one.classification.overall), expected.at(one.migration.version)) << to_text(alone, true);
        for (const PartialOutcome& partial : one.trials.partial) {
            EXPECT_TRUE(partial.left != Left::nothing || partial.remains.empty());
            EXPECT_TRUE(partial.left != Left::partial || !partial.remains.empty() || partial.data_changed)
                << one.migration.title() << " " << partial.where();
        }
    }
    EXPECT_EQ(host.alive(), 0);
}

/// Each takes minutes: the others come with the long tests.
std::vector<const char*> histories() {
    if (std::getenv("UNDERSTUDY_LONG") == nullptr) return {"shop"};
    return {"shop", "clinic", "desk"};
}

INSTANTIATE_TEST_SUITE_P(Real, Histories, ::testing::ValuesIn(histories()),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace understudy::schema
