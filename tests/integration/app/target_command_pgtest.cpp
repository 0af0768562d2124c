#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/throwaway_cluster.hpp"

namespace understudy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CommandOutput target(const std::string& arguments) { return run_command(UNDERSTUDY_BINARY " target " + arguments); }

class TargetCommand : public ::testing::Test {
protected:
    static ThrowawayCluster& cluster() { return ThrowawayCluster::shared(); }
    static std::string conninfo(const std::string& database, const std::string& more = "") {
        return "\"" + cluster().conninfo(database) + more + "\"";
    }
    static std::string identifier() {
        const std::string line = cluster().psql("select system_identifier from pg_control_system()");
        return line.substr(0, line.size() - 1);
    }
};

TEST_F(TargetCommand, MarksShowsAndTakesBack) {
    cluster().psql("create database \"Shop's \"\"own\"\"\"");
    const std::string database = "\"host=127.0.0.1 port=" + std::to_string(cluster().port()) +
                                 " user=postgres dbname='Shop\\\\'s \\\"own\\\"'\"";
    const CommandOutput marked = target("--mark " + database);
    EXPECT_EQ(marked.exit_code, 0) << marked.out;
    EXPECT_THAT(marked.out, HasSubstr("understudy.target = 'staging:" + identifier() + "'"));
    const CommandOutput shown = target("--show " + database);
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_THAT(shown.out, HasSubstr("staging:" + identifier() + " (setting understudy.target)"));
    EXPECT_THAT(shown.out, HasSubstr("may run here"));
    EXPECT_EQ(target("--unmark " + database).exit_code, 0);
    EXPECT_THAT(target("--show " + database).out, HasSubstr("refused"));
    EXPECT_THAT(target("--unmark " + database).out, HasSubstr("was not marked"));
}

TEST_F(TargetCommand, AnOwnerMarksInTheCommentAndKeepsItsText) {
    const std::string database = cluster().create_database();
    cluster().psql("create role owner_only login; alter database " + database +
                   " owner to owner_only;"
                   "comment on database " +
                   database + " is 'Ann''s copy'");
    const std::string as_owner = conninfo(database, " user=owner_only");
    const CommandOutput marked = target("--mark " + as_owner);
    EXPECT_EQ(marked.exit_code, 0) << marked.out;
    EXPECT_THAT(marked.out, HasSubstr("in its comment"));
    const std::string comment =
        "select shobj_description(oid, 'pg_database') from pg_database where datname = '" + database + "'";
    EXPECT_EQ(cluster().psql(comment), "Ann's copy\nunderstudy.target=staging:" + identifier() + "\n");
    EXPECT_EQ(target("--mark " + as_owner).exit_code, 0);
    EXPECT_EQ(cluster().psql(comment), "Ann's copy\nunderstudy.target=staging:" + identifier() + "\n");
    EXPECT_THAT(target("--show " + as_owner).out, HasSubstr("may run here"));
    EXPECT_EQ(target("--unmark " + as_owner).exit_code, 0);
    EXPECT_EQ(cluster().psql(comment), "Ann's copy\n");
}

TEST_F(TargetCommand, AnOwnerCannotHealASettingOfAnotherServer) {
    const std::string database = cluster().create_database();
    cluster().psql("create role other_owner login; alter database " + database +
                   " owner to other_owner;"
                   "alter database " +
                   database + " set understudy.target = 'staging:1'");
    for (const std::string action : {"--mark ", "--unmark "}) {
        const CommandOutput refused = target(action + conninfo(database, " user=other_owner"));
        EXPECT_EQ(refused.exit_code, 4) << refused.out;
        EXPECT_THAT(refused.out, HasSubstr("superuser"));
    }
    EXPECT_EQ(cluster().psql("select shobj_description(oid, 'pg_database') is null from pg_database where datname = '" +
                             database + "'"),
              "t\n");
    EXPECT_EQ(target("--mark " + conninfo(database)).exit_code, 0) << "a superuser can";
}

TEST_F(TargetCommand, NeitherOwnerNorSuperuserIsRefusedInOneLine) {
    const std::string database = cluster().create_database();
    cluster().psql("create role nobody_special login");
    const CommandOutput refused = target("--mark " + conninfo(database, " user=nobody_special"));
    EXPECT_EQ(refused.exit_code, 4);
    EXPECT_THAT(refused.out, HasSubstr("must be owner of database"));
    EXPECT_EQ(std::count(refused.out.begin(), refused.out.end(), '\n'), 1);
}

TEST_F(TargetCommand, BadCallsAndServersGetOneLineAndTheirExitCode) {
    const CommandOutput unreachable = target("--mark \"host=127.0.0.1 port=1 dbname=x\"");
    EXPECT_EQ(unreachable.exit_code, 4);
    EXPECT_THAT(unreachable.out, HasSubstr("cannot connect"));
    EXPECT_EQ(std::count(unreachable.out.begin(), unreachable.out.end(), '\n'), 1);
    const CommandOutput unparsable = target("--show \"postgresql://ann:hunter2@[host/shop\"");
    EXPECT_EQ(unparsable.exit_code, 2);
    EXPECT_THAT(unparsable.out, Not(HasSubstr("hunter2")));
    EXPECT_EQ(target("").exit_code, 2);
    EXPECT_EQ(target("--show x --mark y").exit_code, 2);
    EXPECT_EQ(target("--help").exit_code, 0);
}

TEST_F(TargetCommand, AWrongPasswordIsSaid) {
    ThrowawayCluster::Options options;
    options.auth = "scram-sha-256";
    options.settings = {"password_encryption = 'scram-sha-256'"};  // PostgreSQL 13 would store md5
    const auto guarded = ThrowawayCluster::start(options);
    guarded->psql("create role ann login superuser password 'right'");
    const CommandOutput wrong = target("--show \"" + guarded->conninfo() + " user=ann password=wrong\"");
    EXPECT_EQ(wrong.exit_code, 4);
    EXPECT_THAT(wrong.out, HasSubstr("password authentication failed for user \"ann\""));
    EXPECT_EQ(std::count(wrong.out.begin(), wrong.out.end(), '\n'), 1);
    EXPECT_EQ(target("--show \"" + guarded->conninfo() + " user=ann password=right\"").exit_code, 0);
}

}  // namespace
}  // namespace understudy::testing
