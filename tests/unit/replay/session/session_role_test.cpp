#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/replay/session/machine_run.hpp"

namespace understudy::replay {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace be = testing::be;
namespace fe = testing::fe;

MachineRun as_ann() {
    MachineRun::Options options;
    options.speed = 0;
    ImpersonatedRole role;
    role.name = "ann";
    role.login = "postgres";
    options.role = role;
    return MachineRun(options);
}

Bytes is(const char* role, const char* superuser) {
    return be::parameter("session_authorization", role) + be::parameter("is_superuser", superuser);
}

TEST(SessionRole, IsSetAgainBeforeWhatFollowsAndLeavesNoTrace) {
    MachineRun run = as_ann();
    run.request(0, 0, 0, fe::query("discard all"), after(0))
        .request(1, 1, 0, fe::query("select 1"), after(0))  // pipelined: the client had not read the answer
        .end(2)
        .answer(be::complete("DISCARD ALL") + is("postgres", "on") + be::ready())
        .answer(be::complete("SET") + is("ann", "off") + be::ready())
        .answer(be::complete("SELECT 1") + be::ready())
        .run();
    EXPECT_THAT(run.log(), HasSubstr("0 send Q; 1 send Q; 2 send Q; 3 close X"));
    EXPECT_EQ(run.stats().roles_set_again, 1U);
    EXPECT_EQ(run.stats().requests_sent, 2U);
    EXPECT_EQ(run.stats().impersonations_failed, 0U);
    EXPECT_THAT(run.written(), Not(HasSubstr("set session authorization")));
    EXPECT_THAT(run.written(), Not(HasSubstr("postgres")));
}

TEST(SessionRole, AnEscapeEndsTheSession) {
    MachineRun run = as_ann();
    run.request(0, 0, 0, fe::query("select f()"), after(0))
        .request(1, 1, 0, fe::query("select 1"), after(1))
        .end(2)
        .answer(is("postgres", "on") + be::complete("SELECT 1") + be::ready())
        .run();
    EXPECT_EQ(run.stats().requests_sent, 1U);
    EXPECT_EQ(run.stats().impersonations_failed, 1U);
    EXPECT_EQ(run.stats().sessions_failed, 1U);
    EXPECT_THAT(run.written(), HasSubstr("closed failed"));
}

TEST(SessionRole, WhatTheRoleCouldNotDoIsRecordedAsNotSent) {
    MachineRun run = as_ann();
    run.request(0, 0, 0, fe::query("set session authorization postgres"), after(0))
        .request(1, 1, 0, fe::query("select 1"), after(1))
        .end(2)
        .answer(be::complete("SELECT 1") + be::ready())
        .run();
    EXPECT_EQ(run.stats().requests_not_sent, 1U);
    EXPECT_EQ(run.stats().requests_sent, 1U);
    EXPECT_THAT(run.written(), HasSubstr("no superuser"));
}

}  // namespace
}  // namespace understudy::replay
