#include "app/rehearse/sections.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/rehearse/rehearsal_plan.hpp"

namespace understudy::app {
namespace {

using compare::SectionState;
using ::testing::Contains;
using ::testing::HasSubstr;

TrafficTrial trial(Duration longest) {
    TrafficTrial made;
    made.migrated.succeeded = true;
    made.migrated.duration = Duration::seconds(2);
    made.seen.migration_seen = true;
    made.seen.longest_stall = longest;
    if (longest > Duration()) {
        schema::lock_watch::Stall stall;
        stall.user = "app";
        stall.application = "web";
        stall.longest = longest;
        stall.relation = "public.orders";
        stall.query = "select $1";
        stall.while_waiting = true;
        made.seen.stalls.push_back(stall);
    }
    return made;
}

TEST(TrafficSection, FailsWhereAUserWaitedLongerThanAllowed) {
    const auto waited = traffic_section(trial(Duration::milliseconds(1500)), nullptr, Duration::seconds(1));
    EXPECT_EQ(waited.state, SectionState::failed);
    EXPECT_THAT(waited.summary, HasSubstr("1.5 s"));
    EXPECT_THAT(waited.lines, Contains(HasSubstr("web (app) waited 1.5 s for public.orders, in the queue")));
    EXPECT_EQ(traffic_section(trial(Duration::milliseconds(900)), nullptr, Duration::seconds(1)).state,
              SectionState::passed);
}

TEST(TrafficSection, FailsOnDeadlocksAndFailures) {
    TrafficTrial deadlock = trial(Duration());
    deadlock.seen.deadlocks = 1;
    EXPECT_EQ(traffic_section(deadlock, nullptr, Duration::seconds(1)).state, SectionState::failed);
    TrafficTrial failed = trial(Duration());
    failed.migrated.succeeded = false;
    failed.migrated.failure = "line 3: lock timeout";
    const auto section = traffic_section(failed, nullptr, Duration::seconds(1));
    EXPECT_EQ(section.state, SectionState::failed);
    EXPECT_THAT(section.summary, HasSubstr("line 3: lock timeout"));
}

TEST(TrafficSection, IsInconclusiveWhereTheMigrationWasNotSeen) {
    TrafficTrial unseen = trial(Duration());
    unseen.seen.migration_seen = false;
    EXPECT_EQ(traffic_section(unseen, nullptr, Duration::seconds(1)).state, SectionState::inconclusive);
    unseen.migrated.duration = Duration::milliseconds(5);
    EXPECT_EQ(traffic_section(unseen, nullptr, Duration::seconds(1)).state, SectionState::passed) << "too short to be seen";
}

TEST(TrafficSection, SaysWhatALockTimeoutWouldHaveDone) {
    TrafficTrial gentle = trial(Duration::milliseconds(400));
    gentle.lock_timeout = "500ms";
    gentle.migrated.succeeded = false;
    gentle.migrated.failure = "55P03";
    const auto section = traffic_section(trial(Duration::seconds(3)), &gentle, Duration::seconds(1));
    EXPECT_THAT(section.lines, Contains(HasSubstr("with lock_timeout 500ms: the migration gave up (55P03)")));
}

TEST(StagingSection, SaysWhatStagingDoesNotReproduce) {
    compare::Report report;
    report.coverage.compared = 1000;
    report.coverage.differing = 400;
    const auto section = staging_section(report);
    EXPECT_EQ(section.state, SectionState::passed) << "it limits what is covered, and is no fault of the change";
    EXPECT_THAT(section.summary, HasSubstr("60.0 %"));
    EXPECT_FALSE(section.lines.empty());
}

TEST(MigrationSection, FailsWithTheStatement) {
    MigrationOutcome outcome;
    outcome.failure = "042: line 2: relation \"missing\" does not exist (42P01)";
    EXPECT_EQ(migration_section(outcome).state, SectionState::failed);
    EXPECT_THAT(migration_section(outcome).summary, HasSubstr("42P01"));
    outcome.succeeded = true;
    EXPECT_EQ(migration_section(outcome).state, SectionState::passed);
}

TEST(RollbackSection, IsWhatTheReportSays) {
    schema::RollbackReport report;
    report.migrations.emplace_back();
    EXPECT_EQ(rollback_section(report).state, SectionState::passed);
    report.stopped = "no space left";
    EXPECT_EQ(rollback_section(report).state, SectionState::inconclusive);
    report.migrations[0].classification.overall = schema::RollbackClass::lossy;
    EXPECT_EQ(rollback_section(report).state, SectionState::failed);
    EXPECT_THAT(rollback_section(report).summary, HasSubstr("1 lossy"));
}

TEST(RehearsalPlan, LeavesOutWhatIsNotWanted) {
    RehearseOptions options;
    options.traffic_window = Duration::seconds(60);
    CaptureSpan span;
    span.first = Timestamp::from_ns(1);
    span.last = span.first + Duration::seconds(600);
    const auto names = [&] {
        std::vector<std::string> all;
        for (const PlannedStep& step : plan_rehearsal(options, {}, span).steps) all.push_back(step.name);
        return all;
    };
    EXPECT_THAT(names(), Contains("held confirmation"));
    EXPECT_THAT(names(), Contains("rollback"));
    options.no_held = options.no_traffic = options.no_control = true;
    options.reset = "command";
    EXPECT_EQ(names(), (std::vector<std::string>{"baseline", "candidate", "confirmation", "judgement"}));
    options.speed = "2";
    const std::string text = plan_text(plan_rehearsal(options, {}, span), options, {}, span, "a target");
    EXPECT_THAT(text, HasSubstr("At speed 2 this takes about")) << text;
}

}  // namespace
}  // namespace understudy::app
