#include "core/catalog/target_marker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/catalog/server_identity.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::catalog {
namespace {

using ::testing::HasSubstr;
using testing::ThrowawayCluster;

constexpr std::uint64_t kProduction = 7;

TargetFacts facts_of(const std::string& conninfo, const std::string& before = "") {
    auto connection = ControlConnection::open(conninfo).value();
    if (!before.empty()) connection.query(before).value();
    const auto rows = connection.query(kMarkerQuery).value();
    std::vector<std::optional<BytesView>> row(rows.at(0).begin(), rows.at(0).end());
    return parse_target_facts(row).value();
}

std::string refusal(const TargetFacts& facts) {
    const auto judged = judge_target(facts, kProduction, std::nullopt, false);
    return judged ? "" : judged.error().message;
}

class TargetMarker : public ::testing::Test {
protected:
    static ThrowawayCluster& cluster() { return ThrowawayCluster::shared(); }
    static std::string own_marker() { return marker_text(*facts_of(cluster().conninfo()).system_identifier); }
    static void mark(const std::string& database, const std::string& text) {
        cluster().psql("alter database " + database + " set understudy.target = '" + text + "'");
    }
};

TEST_F(TargetMarker, AsASettingOfTheDatabase) {
    const std::string database = cluster().create_database();
    EXPECT_THAT(refusal(facts_of(cluster().conninfo(database))), HasSubstr("not marked"));
    mark(database, own_marker());
    const TargetFacts facts = facts_of(cluster().conninfo(database));
    EXPECT_EQ(facts.setting, own_marker());
    EXPECT_EQ(facts.database, database);
    EXPECT_TRUE(facts.superuser);
    EXPECT_FALSE(facts.in_recovery);
    EXPECT_EQ(refusal(facts), "");
}

TEST_F(TargetMarker, InTheComment) {
    const std::string database = cluster().create_database();
    cluster().psql("comment on database " + database + " is 'ours\nunderstudy.target=" + own_marker() + "'");
    EXPECT_EQ(refusal(facts_of(cluster().conninfo(database))), "");
}

TEST_F(TargetMarker, WhatASessionOrARoleSetsIsNoMarker) {
    const std::string database = cluster().create_database();
    const std::string set = "set understudy.target = '" + own_marker() + "'";
    EXPECT_THAT(refusal(facts_of(cluster().conninfo(database), set)), HasSubstr("not marked"));
    cluster().psql("create role self_marked login; alter role self_marked " + set +
                   "; alter role self_marked in database " + database + " " + set);
    EXPECT_THAT(refusal(facts_of(cluster().conninfo(database) + " user=self_marked")), HasSubstr("not marked"));
}

TEST_F(TargetMarker, ADatabaseMadeByTemplateHasNone) {
    const std::string database = cluster().create_database();
    mark(database, own_marker());
    cluster().psql("create database " + database + "_copy template " + database);
    EXPECT_THAT(refusal(facts_of(cluster().conninfo(database + "_copy"))), HasSubstr("not marked"));
}

TEST_F(TargetMarker, CopiedToAnotherServerItIsRefused) {
    const auto other = ThrowawayCluster::start();
    other->psql("alter database postgres set understudy.target = '" + own_marker() + "'");
    EXPECT_THAT(refusal(facts_of(other->conninfo())), HasSubstr("copied along"));
}

TEST_F(TargetMarker, TheRecordedServerIsRefusedThoughMarked) {
    const std::string database = cluster().create_database();
    mark(database, own_marker());
    const TargetFacts facts = facts_of(cluster().conninfo(database));
    const auto identity = read_identity(cluster().conninfo());
    ASSERT_TRUE(identity);
    EXPECT_FALSE(judge_target(facts, identity->system_identifier, std::nullopt, false));
    EXPECT_TRUE(judge_target(facts, 0, std::nullopt, true));
}

TEST_F(TargetMarker, WithoutTheRightToReadTheIdentifierTheQueryStillAnswers) {
    const auto guarded = ThrowawayCluster::start();
    guarded->psql("revoke execute on function pg_control_system() from public; create role low login");
    const std::string as_low = guarded->conninfo() + " user=low";
    const TargetFacts facts = facts_of(as_low);
    EXPECT_EQ(facts.system_identifier, std::nullopt);
    EXPECT_EQ(facts.user, "low");
    EXPECT_FALSE(facts.superuser);
    EXPECT_THAT(refusal(facts), HasSubstr("GRANT EXECUTE"));
    const auto identity = read_identity(as_low);
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->system_identifier, 0U);
    EXPECT_EQ(read_identity(guarded->conninfo())->system_identifier, facts_of(guarded->conninfo()).system_identifier);
}

TEST_F(TargetMarker, AStandbyIsRefused) {
    const auto standby = ThrowawayCluster::start();
    const TargetFacts before = facts_of(standby->conninfo());
    standby->psql("alter database postgres set understudy.target = '" + marker_text(*before.system_identifier) +
                  "'; checkpoint");
    EXPECT_EQ(refusal(facts_of(standby->conninfo())), "");
    standby->stop();
    const std::string log = standby->log_path();
    std::ofstream(log.substr(0, log.rfind('/')) + "/data/standby.signal").close();
    standby->start_again();
    EXPECT_THAT(refusal(facts_of(standby->conninfo())), HasSubstr("standby"));
    const auto identity = read_identity(standby->conninfo());
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_TRUE(identity->in_recovery);
    EXPECT_EQ(identity->system_identifier, *before.system_identifier);
    EXPECT_FALSE(identity->wal_position.empty());
}

TEST(ServerIdentity, OfAnOrdinaryRole) {
    ThrowawayCluster& cluster = ThrowawayCluster::shared();
    const std::string database = cluster.create_database();
    cluster.psql("create role ordinary login");
    const auto identity = read_identity(cluster.conninfo(database) + " user=ordinary");
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(std::to_string(identity->version_num) + "\n", cluster.psql("show server_version_num"));
    EXPECT_EQ(identity->version + "\n", cluster.psql("show server_version"));
    EXPECT_EQ(std::to_string(identity->system_identifier) + "\n",
              cluster.psql("select system_identifier from pg_control_system()"));
    EXPECT_EQ(identity->database, database);
    EXPECT_EQ(identity->encoding, "UTF8");
    EXPECT_NE(identity->wal_position.find('/'), std::string::npos);
    EXPECT_FALSE(identity->in_recovery);
}

TEST(ServerIdentity, OfNoServer) {
    const auto identity = read_identity("host=127.0.0.1 port=1 dbname=none user=none");
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.error().code, Errc::io);
    EXPECT_THAT(identity.error().message, HasSubstr("cannot connect"));
    EXPECT_EQ(identity.error().message.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace understudy::catalog
