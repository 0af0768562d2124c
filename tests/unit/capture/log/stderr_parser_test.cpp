#include "capture/log/stderr_parser.hpp"

#include <gtest/gtest.h>

#include "capture/log/prefix_guess.hpp"
#include "tests/unit/capture/log/collected_entries.hpp"

namespace understudy::capture {
namespace {

using testing::CollectedEntries;
using testing::feed_in_pieces;

CollectedEntries parse(const std::string& text, const std::string& prefix, std::size_t piece = 1'000'000) {
    CollectedEntries entries;
    LogClock clock;
    const auto compiled = LinePrefix::compile(prefix);
    EXPECT_TRUE(compiled);
    StderrParser parser(*compiled, clock, entries);
    feed_in_pieces(parser, text, piece);
    return entries;
}

constexpr const char* kDebian =
    "2026-03-01 12:00:00.123 UTC [26897] ann@shop LOG:  statement: select 1,\n"
    "\t\t2\n"
    "2026-03-01 12:00:00.124 UTC [26897] ann@shop ERROR:  column \"nope\" does not exist at character 8\n"
    "2026-03-01 12:00:00.124 UTC [26897] ann@shop HINT:  none\n"
    "2026-03-01 12:00:00.124 UTC [26897] ann@shop STATEMENT:  select nope\n"
    "\tfrom t\n"
    "2026-03-01 12:00:00.125 UTC [12] LOG:  checkpoint starting: time\n";

TEST(StderrParser, JoinsTheLinesOfAnEntry) {
    for (const std::size_t piece : {1U, 5U, 1000U}) {
        const CollectedEntries found = parse(kDebian, "%m [%p] %q%u@%d ", piece);
        ASSERT_EQ(found.entries.size(), 3U);
        EXPECT_TRUE(found.skipped.empty());
        EXPECT_EQ(found.entries[0].message, "statement: select 1,\n\t2");
        EXPECT_EQ(found.entries[0].user, "ann");
        EXPECT_EQ(found.entries[0].database, "shop");
        EXPECT_EQ(found.entries[0].process_id, 26897U);
        EXPECT_EQ(found.entries[0].time.ns(), 1'772'366'400'123'000'000);
        EXPECT_EQ(found.entries[1].severity, "ERROR");
        EXPECT_EQ(found.entries[1].message, "column \"nope\" does not exist");
        EXPECT_EQ(found.entries[1].position, 8U);
        EXPECT_EQ(found.entries[1].hint, "none");
        EXPECT_EQ(found.entries[1].statement, "select nope\nfrom t");
        EXPECT_EQ(found.entries[1].line, 3U);
        EXPECT_EQ(found.entries[2].user, "");
        EXPECT_EQ(found.entries[2].message, "checkpoint starting: time");
    }
}

TEST(StderrParser, ReadsEveryEscape) {
    const CollectedEntries found = parse(
        "1772366400.500 x|my app|ann|shop|client backend|10.0.0.7(5432)|10.0.0.7|4711||SELECT|6b03af66.6911|12|"
        "2026-03-01 11:59:59 UTC|3/15|0|22012|-99|100% LOG:  hello\n",
        "%n x|%a|%u|%d|%b|%r|%h|%p|%P|%i|%c|%l|%s|%v|%x|%e|%Q|100%% ");
    ASSERT_EQ(found.entries.size(), 1U);
    const auto& entry = found.entries[0];
    EXPECT_EQ(entry.time.ns(), 1'772'366'400'500'000'000);
    EXPECT_EQ(entry.application, "my app");
    EXPECT_EQ(entry.user, "ann");
    EXPECT_EQ(entry.database, "shop");
    EXPECT_EQ(entry.client, "10.0.0.7(5432)");
    EXPECT_EQ(entry.process_id, 4711U);
    EXPECT_EQ(entry.activity, "SELECT");
    EXPECT_EQ(entry.session, "6b03af66.6911");
    EXPECT_EQ(entry.virtual_transaction, "3/15");
    EXPECT_EQ(entry.sqlstate, "22012");
    EXPECT_EQ(entry.message, "hello");
}

TEST(StderrParser, ReadsPaddedEscapesAndNamesThatHoldDelimiters) {
    CollectedEntries found = parse("2026-03-01 12:00:00 UTC [  4711] ann       |shop LOG:  x\n", "%t [%6p] %-10u|%d ");
    ASSERT_EQ(found.entries.size(), 1U);
    EXPECT_EQ(found.entries[0].process_id, 4711U);
    EXPECT_EQ(found.entries[0].user, "ann");
    found = parse("2026-03-01 12:00:00 UTC a@b@shop my [odd] app 10.0.0.7(1) LOG:  x\n", "%t %u@%d %a %r ");
    ASSERT_EQ(found.entries.size(), 1U);
    EXPECT_EQ(found.entries[0].client, "10.0.0.7(1)");
    EXPECT_EQ(found.entries[0].application, "my [odd] app");
}

TEST(StderrParser, VerboseLinesHaveAnSqlstate) {
    const CollectedEntries found = parse(
        "2026-03-01 12:00:00 UTC [1] ERROR:  22012: division by zero\n"
        "2026-03-01 12:00:00 UTC [1] LOCATION:  int4div, int.c:869\n"
        "2026-03-01 12:00:00 UTC [1] STATEMENT:  select 1/0\n"
        "2026-03-01 12:00:00 UTC [1] ERROR:  HELLO: a message that looks like it\n",
        "%t [%p] ");
    ASSERT_EQ(found.entries.size(), 2U);
    EXPECT_EQ(found.entries[0].sqlstate, "22012");
    EXPECT_EQ(found.entries[0].message, "division by zero");
    EXPECT_EQ(found.entries[1].sqlstate, "");
    EXPECT_EQ(found.entries[1].message, "HELLO: a message that looks like it");
}

TEST(StderrParser, LinesOfOtherProcessesAreNotMixedUp) {
    const CollectedEntries found = parse(
        "2026-03-01 12:00:00 UTC [1] ERROR:  a\n"
        "2026-03-01 12:00:00 UTC [2] STATEMENT:  of another\n"
        "2026-03-01 12:00:00 UTC [1] STATEMENT:  of this one\n",
        "%t [%p] ");
    ASSERT_EQ(found.entries.size(), 1U);
    EXPECT_EQ(found.entries[0].statement, "of this one");
    ASSERT_EQ(found.skipped.size(), 1U);
    EXPECT_EQ(found.skipped[0].second, 2U);
}

TEST(StderrParser, AFileMayBeginAndEndInAnEntry) {
    const std::string text = kDebian;
    CollectedEntries found = parse(text.substr(30), "%m [%p] %q%u@%d ");
    EXPECT_EQ(found.entries.size(), 2U);
    ASSERT_EQ(found.skipped.size(), 1U);
    EXPECT_EQ(found.skipped[0].first, "unparsed line");
    found = parse(text.substr(0, text.find("\tfrom t") + 3), "%m [%p] %q%u@%d ");
    ASSERT_EQ(found.entries.size(), 1U) << "an entry whose last line is cut is not taken for whole";
    EXPECT_EQ(found.skipped.at(0).first, "cut off at the file's end");
}

TEST(StderrParser, AReadingThatLedNowhereLeavesNothing) {
    const CollectedEntries found = parse("u@LOG:  x@10.0.0.7(1) but no more\n", "%u@%q%r %c ");
    ASSERT_EQ(found.entries.size(), 1U);
    EXPECT_EQ(found.entries[0].client, "");
    const CollectedEntries other = parse("u@10.0.0.7(1) @LOG:  x\n", "%u@%q%r %c ");
    ASSERT_EQ(other.entries.size(), 1U);
    EXPECT_EQ(other.entries[0].user, "u@10.0.0.7(1) ");
    EXPECT_EQ(other.entries[0].client, "");
}

TEST(LinePrefix, RefusesWhatNoServerHas) {
    EXPECT_FALSE(LinePrefix::compile("%t [%y] "));
    EXPECT_FALSE(LinePrefix::compile(std::string(600, 'x')));
    EXPECT_TRUE(LinePrefix::compile(""));
}

TEST(LinePrefix, AHostileLineIsRefusedSoon) {
    const auto prefix = LinePrefix::compile("%u@%d@%a@%u@%d@%a@%u@%d@");
    ASSERT_TRUE(prefix);
    LogClock clock;
    LogEntry entry;
    LinePrefix::Match match;
    EXPECT_FALSE(prefix->match(std::string(100'000, '@'), clock, entry, match));
}

struct Guessed {
    const char* lines;
    const char* prefix;
};

class PrefixGuessTest : public ::testing::TestWithParam<Guessed> {};

TEST_P(PrefixGuessTest, FindsThePrefix) {
    const auto guess = guess_line_prefix(GetParam().lines);
    ASSERT_TRUE(guess) << GetParam().lines;
    EXPECT_EQ(guess->prefix.setting(), GetParam().prefix);
    EXPECT_EQ(guess->matched, guess->lines);
}

INSTANTIATE_TEST_SUITE_P(
    OfServices, PrefixGuessTest,
    ::testing::Values(
        Guessed{"2026-03-01 12:00:00.123 UTC [1] LOG:  starting\n2026-03-01 12:00:00.123 UTC [7] LOG:  statement: a\n",
                "%m [%p] "},
        Guessed{"2026-03-01 12:00:00.123 UTC [1] LOG:  starting\n2026-03-01 12:00:00.123 UTC [7] a@b LOG:  duration: 1 "
                "ms\n",
                "%m [%p] %q%u@%d "},
        Guessed{"2026-03-01 12:00:00 UTC:10.0.0.7(51234):ann@shop:[4711]:LOG:  statement: select 1\n"
                "2026-03-01 12:00:00 UTC::@:[1]:LOG:  checkpoint starting: time\n",
                "%t:%r:%u@%d:[%p]:"},
        Guessed{"2026-03-01 12:00:00.123 UTC [4711]: [3-1] db=shop,user=ann LOG:  statement: select 1\n",
                "%m [%p]: [%l-1] db=%d,user=%u "},
        Guessed{"2026-03-01 12:00:00 UTC-6b03af66.6911-LOG:  statement: select 1\n", "%t-%c-"},
        Guessed{"2026-03-01 12:00:00 UTC [4711]: [3-1] user=ann,db=shop,app=psql,client=10.0.0.7 LOG:  statement: a\n",
                "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h "}));

INSTANTIATE_TEST_SUITE_P(
    FromContent, PrefixGuessTest,
    ::testing::Values(
        Guessed{"2026-03-01 12:00:00.123 UTC [1] LOG:  starting\n"
                "2026-03-01 12:00:00.123 UTC [7] ann@shop psql 10.0.0.7(51) 6b03af66.7-3 LOG:  statement: a\n"
                "2026-03-01 12:00:00.124 UTC [8] ann@shop my app 10.0.0.7(52) 6b03af66.8-4 LOG:  statement: a\n",
                "%m [%p] %q%u@%d %a %r %c-%l "},
        Guessed{"host1 1772366400.123 pid=47 db=shop user=ann state=00000 LOG:  statement: select 1\n",
                "host1 %n pid=%p db=%d user=%u state=%e "},
        Guessed{"[4711] <2026-03-01 12:00:00.123 CET> ann@shop 3/15 LOG:  statement: select 1\n",
                "[%p] <%m> %u@%d %v "}));

TEST(PrefixGuess, AnOpenParenthesisIsNoFault) {
    EXPECT_TRUE(guess_line_prefix("2026-03-01 12:00:00 UTC 10.0.0.7(51234LOG:  x\n2026-03-01 12:00:00 UTC LOG:  x\n"));
    EXPECT_FALSE(guess_line_prefix("10.0.0.7(LOG:  x\nclient=10.0.0.7(LOG:  x\n1/LOG:  x\n"));
}

TEST(PrefixGuess, GivesUpOnWhatIsNoLog) {
    EXPECT_FALSE(guess_line_prefix(""));
    EXPECT_FALSE(guess_line_prefix("just\nsome\ntext\n"));
}

}  // namespace
}  // namespace understudy::capture
