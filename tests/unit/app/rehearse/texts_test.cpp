#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/rehearse/sections.hpp"
#include "app/rehearse/shown_statement.hpp"
#include "app/replay/login_failure_text.hpp"

namespace understudy::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(ShownStatement, OneLineWithoutCommentsAndConstants) {
    EXPECT_EQ(shown_statement("update a\n  set b = 'Jane''s', c = 4 -- why\n where d = $x$secret$x$;"),
              "update a set b = '…', c = 4 where d = '…'");
    EXPECT_EQ(shown_statement("select 12345678901234567890", 10), "select 123…");
    EXPECT_EQ(shown_statement(""), "");
}

TEST(LoginFailureText, SaysWhoAndWhyAndWhatToDo) {
    replay::LoginFailures failures;
    EXPECT_EQ(login_failure_text(failures), "");
    failures.add({"app", "shop", "28000", "role \"app\" does not exist"});
    failures.add({"app", "shop", "28000", "role \"app\" does not exist"});
    failures.add({"report", "shop", "42501", "permission denied"});
    const std::string text = login_failure_text(failures);
    EXPECT_THAT(
        text, HasSubstr("login failed: 2 sessions of role app at database shop: role \"app\" does not exist (28000)"));
    EXPECT_THAT(text, HasSubstr("CREATE ROLE"));
    EXPECT_THAT(text, HasSubstr("GRANT CONNECT ON DATABASE shop TO report"));
    EXPECT_EQ(failures.sessions(), 3U);
}

TEST(LoginFailureText, ManyReasonsAreCounted) {
    replay::LoginFailures failures;
    for (int i = 0; i < 30; ++i) failures.add({"role" + std::to_string(i), "shop", "28P01", "no"});
    EXPECT_THAT(failures.reasons(), SizeIs(replay::LoginFailures::kMaxReasons));
    EXPECT_THAT(login_failure_text(failures), HasSubstr("10 more sessions, for other reasons"));
}

TrafficTrial met(std::int64_t stall_ms, bool succeeded = true, std::int64_t deadlocks = 0) {
    TrafficTrial trial;
    trial.seen.longest_stall = Duration::milliseconds(stall_ms);
    trial.seen.deadlocks = deadlocks;
    trial.seen.migration_seen = true;
    trial.migrated.succeeded = succeeded;
    trial.migrated.failure = succeeded ? "" : "lock timeout";
    return trial;
}

TEST(Moments, TheWorstIsAFailureThenADeadlockThenTheLongestWait) {
    EXPECT_EQ(worst_of({met(5), met(900), met(10)}), 1U);
    EXPECT_EQ(worst_of({met(5), met(900), met(10, true, 1)}), 2U);
    EXPECT_EQ(worst_of({met(5, false), met(900), met(10, true, 1)}), 0U);
}

TEST(Moments, AreSpreadOverWhatIsPlayed) {
    CaptureSpan span;
    span.first = Timestamp::from_ns(0);
    span.last = span.first + Duration::seconds(100);
    const Duration window = Duration::seconds(40);
    EXPECT_EQ(lead_in(span, window, "1", 0, 1), Duration::seconds(10)) << "a third, at most ten seconds";
    EXPECT_EQ(lead_in(span, window, "1", 0, 3), Duration::seconds(10));
    EXPECT_EQ(lead_in(span, window, "1", 2, 3), Duration::seconds(30));
    EXPECT_EQ(lead_in(span, window, "2", 1, 3), Duration::seconds(10));
}

TEST(Moments, EachHasItsLine) {
    const std::vector<TrafficTrial> trials = {met(5), met(900, false)};
    auto section = traffic_section(trials[1], nullptr, Duration::seconds(1));
    const std::size_t lines = section.lines.size();
    add_moments(trials, {"no traffic"}, section);
    ASSERT_THAT(section.lines, SizeIs(lines + 3));
    EXPECT_THAT(section.summary, HasSubstr("the worst of 2 moments"));
    EXPECT_THAT(section.lines[lines], Not(HasSubstr("failed")));
    EXPECT_THAT(section.lines[lines + 1], HasSubstr("it failed: lock timeout"));
    EXPECT_THAT(section.lines[lines + 2], HasSubstr("no traffic"));
    auto alone = traffic_section(trials[0], nullptr, Duration::seconds(1));
    const auto before = alone;
    add_moments({trials[0]}, {}, alone);
    EXPECT_EQ(alone.lines, before.lines);
}

}  // namespace
}  // namespace understudy::app
