#include "replay/session/impersonation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/frames.hpp"

namespace understudy::replay {
namespace {

using ::testing::HasSubstr;
using testing::view_frame;
using Next = Impersonation::Next;
namespace be = testing::be;
namespace fe = testing::fe;

class ImpersonationTest : public ::testing::Test {
protected:
    static ImpersonatedRole ann() {
        ImpersonatedRole role;
        role.name = "ann";
        role.login = "postgres";
        return role;
    }
    void expect_sent(const Bytes& frames, std::uint32_t exchange) {
        EXPECT_EQ(role_.judge(frames, Ordinal(exchange)), "") << exchange;
    }
    bool takes(const Bytes& frame) { return role_.takes(view_frame(frame)); }
    void becomes(const char* name, const char* superuser) {
        EXPECT_TRUE(takes(be::parameter("session_authorization", name)));
        EXPECT_TRUE(takes(be::parameter("is_superuser", superuser)));
    }
    Next next(std::uint32_t exchange, bool answered = true) { return role_.next(Ordinal(exchange), answered); }

    Impersonation role_{ann()};
};

TEST_F(ImpersonationTest, DiscardAllIsFollowedByTheRole) {
    expect_sent(fe::query("discard all"), 1);
    EXPECT_EQ(next(2, false), Next::wait) << "what follows would run as the superuser";
    becomes("postgres", "on");
    EXPECT_FALSE(takes(be::complete("DISCARD ALL")));
    EXPECT_FALSE(takes(be::ready()));
    EXPECT_EQ(next(2), Next::set_again);
    EXPECT_THAT(role_.set_again(), HasSubstr("set session authorization \"ann\""));
    EXPECT_TRUE(role_.setting());
    EXPECT_EQ(next(2), Next::wait);
    EXPECT_TRUE(takes(be::complete("SET")));
    becomes("ann", "off");
    EXPECT_FALSE(takes(be::parameter("TimeZone", "UTC"))) << "not ours";
    EXPECT_TRUE(takes(be::ready()));
    EXPECT_FALSE(role_.setting());
    EXPECT_EQ(next(2), Next::go_on);
    EXPECT_FALSE(role_.failure());
}

TEST_F(ImpersonationTest, ARoleThatCannotBeSetAgainEndsTheSession) {
    expect_sent(fe::query("reset session authorization"), 1);
    becomes("postgres", "on");
    takes(be::ready());
    ASSERT_EQ(next(2), Next::set_again);
    role_.set_again();
    EXPECT_TRUE(takes(be::error("22023", "role \"ann\" does not exist")));
    EXPECT_TRUE(takes(be::ready()));
    ASSERT_TRUE(role_.failure());
    EXPECT_THAT(*role_.failure(), HasSubstr("could not be set again"));
}

TEST_F(ImpersonationTest, OneThatIsNotConfirmedEndsItToo) {
    expect_sent(fe::query("discard all"), 1);
    becomes("postgres", "on");
    takes(be::ready());
    ASSERT_EQ(next(2), Next::set_again);
    role_.set_again();
    takes(be::complete("SET"));
    takes(be::ready());
    EXPECT_TRUE(role_.failure());
}

TEST_F(ImpersonationTest, AChangeThatNoStatementExplainsEndsIt) {
    expect_sent(fe::query("select f()"), 1);
    becomes("postgres", "on");
    EXPECT_FALSE(role_.failure());
    EXPECT_FALSE(takes(be::ready()));
    ASSERT_TRUE(role_.failure());
    EXPECT_THAT(*role_.failure(), HasSubstr("postgres (superuser) instead of ann"));
}

TEST_F(ImpersonationTest, SoDoesASuperusersRightThatTheRoleCannotHave) {
    EXPECT_TRUE(takes(be::parameter("is_superuser", "on")));
    takes(be::ready());
    EXPECT_TRUE(role_.failure());
    ImpersonatedRole member = ann();
    member.may_be_superuser = true;
    role_ = Impersonation(member);
    EXPECT_TRUE(takes(be::parameter("is_superuser", "on")));
    takes(be::ready());
    EXPECT_FALSE(role_.failure()) << "SET ROLE to a superuser that it is a member of";
}

TEST_F(ImpersonationTest, WhatWouldRunAsTheSuperuserIsNotSent) {
    EXPECT_THAT(role_.judge(fe::query("reset session authorization; delete from t"), Ordinal(1)),
                HasSubstr("would run as postgres, not as ann"));
    EXPECT_EQ(next(2), Next::go_on) << "nothing was sent";
    expect_sent(fe::query("delete from t; reset session authorization"), 3);
    EXPECT_EQ(next(4, false), Next::wait);
}

TEST_F(ImpersonationTest, WhatTheRoleCouldNotDoIsNotSent) {
    for (const char* sql : {"set session authorization postgres", "set session_authorization = 'bob'",
                            "select set_config('session_authorization', 'postgres', false)"}) {
        EXPECT_THAT(role_.judge(fe::query(sql), Ordinal(1)), HasSubstr("ann is no superuser")) << sql;
        EXPECT_THAT(role_.judge(fe::parse("s", sql), Ordinal(1)), HasSubstr("ann is no superuser")) << sql;
    }
    expect_sent(fe::query("set session authorization ann"), 1);
}

TEST_F(ImpersonationTest, PreparedResets) {
    expect_sent(fe::parse("d", "discard all") + fe::sync(), 1);
    EXPECT_EQ(next(2), Next::go_on) << "prepared only";
    expect_sent(fe::bind("p", "d"), 2);
    EXPECT_EQ(next(3, false), Next::go_on);
    expect_sent(fe::execute("p"), 2);
    EXPECT_EQ(next(2, false), Next::go_on) << "the rest of the same exchange";
    EXPECT_THAT(role_.judge(fe::execute("other"), Ordinal(2)), HasSubstr("in the same exchange"));
    expect_sent(fe::sync(), 2);
    EXPECT_EQ(next(3, false), Next::wait);
    takes(be::ready());
    EXPECT_EQ(next(3), Next::set_again);
    role_.set_again();
    takes(be::ready());
    expect_sent(fe::parse("d", "select 1") + fe::bind("p", "d") + fe::execute("p") + fe::sync(), 4);
    EXPECT_EQ(next(5, false), Next::go_on) << "the name means another statement now";
}

TEST_F(ImpersonationTest, AFailedTransactionUndoesTheReset) {
    expect_sent(fe::query("reset session authorization"), 1);
    EXPECT_FALSE(takes(be::error("25P02", "current transaction is aborted")));
    takes(be::ready('E'));
    EXPECT_EQ(next(2), Next::go_on);
    EXPECT_FALSE(role_.failure());
}

TEST_F(ImpersonationTest, ASuperusersOwnChangesStay) {
    ImpersonatedRole chief = ann();
    chief.superuser = true;
    role_ = Impersonation(chief);
    expect_sent(fe::query("set session authorization bob"), 1);
    becomes("bob", "off");
    takes(be::ready());
    EXPECT_EQ(next(2), Next::go_on);
    expect_sent(fe::query("discard all"), 2);
    becomes("postgres", "on");
    takes(be::ready());
    EXPECT_EQ(next(3), Next::set_again);
}

TEST_F(ImpersonationTest, TheServersLastWordsAreTheSessions) {
    expect_sent(fe::query("discard all"), 1);
    takes(be::ready());
    ASSERT_EQ(next(2), Next::set_again);
    role_.set_again();
    EXPECT_FALSE(takes(be::error("57P01", "terminating connection", "FATAL")));
}

TEST(ImpersonatedRoleTest, SettingsBecomeStartUpOptions) {
    ImpersonatedRole role;
    role.name = "a\"b";
    EXPECT_EQ(role.startup_options(), "");
    role.settings = {{"search_path", "\"$user\", public"}, {"my.text", "a\\b"}, {"role", "readers"}};
    EXPECT_EQ(role.startup_options(), "-c search_path=\"$user\",\\ public -c my.text=a\\\\b -c role=readers ");
    EXPECT_THAT(role.assertion(), HasSubstr("set session authorization \"a\"\"b\"; set role \"readers\""));
}

}  // namespace
}  // namespace understudy::replay
