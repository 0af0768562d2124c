#include "capture/log/csvlog_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/capture/log/collected_entries.hpp"

namespace understudy::capture {
namespace {

using ::testing::AllOf;
using testing::CollectedEntries;
using testing::feed_in_pieces;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;

constexpr const char* kStatement =
    "2026-03-01 12:00:00.123 UTC,\"ann\",\"shop\",26897,\"127.0.0.1:45410\",6b03af66.6911,3,\"idle\",2026-03-01 "
    "12:00:00 "
    "UTC,3/4,0,LOG,00000,\"statement: select \"\"a\"\",\n'x' from t\",,,,,,,,,\"psql\",\"client backend\",,0\n";
constexpr const char* kError =
    "2026-03-01 12:00:01.000 UTC,\"ann\",\"shop\",26897,\"127.0.0.1:45410\",6b03af66.6911,4,\"SELECT\",2026-03-01 "
    "12:00:00 "
    "UTC,3/4,0,ERROR,42703,\"column \"\"nope\"\" does not exist\",\"the detail\",\"the hint\",,,\"the "
    "context\",\"select "
    "nope\",8,,\"psql\",\"client backend\",,0\n";

CollectedEntries parse(const std::string& text, std::size_t piece = 1'000'000) {
    CollectedEntries entries;
    LogClock clock;
    CsvlogParser parser(clock, entries);
    feed_in_pieces(parser, text, piece);
    return entries;
}

TEST(CsvlogParser, ReadsEntriesWhateverThePieces) {
    for (const std::size_t piece : {1U, 2U, 7U, 100U, 1000U}) {
        const CollectedEntries found = parse(std::string(kStatement) + kError, piece);
        ASSERT_EQ(found.entries.size(), 2U) << piece;
        EXPECT_TRUE(found.skipped.empty());
        const auto& statement = found.entries[0];
        EXPECT_EQ(statement.line, 1U);
        EXPECT_EQ(statement.time.ns(), 1'772'366'400'123'000'000);
        EXPECT_EQ(statement.user, "ann");
        EXPECT_EQ(statement.database, "shop");
        EXPECT_EQ(statement.process_id, 26897U);
        EXPECT_EQ(statement.client, "127.0.0.1:45410");
        EXPECT_EQ(statement.session, "6b03af66.6911");
        EXPECT_EQ(statement.activity, "idle");
        EXPECT_EQ(statement.virtual_transaction, "3/4");
        EXPECT_EQ(statement.message, "statement: select \"a\",\n'x' from t");
        EXPECT_EQ(statement.application, "psql");
        const auto& error = found.entries[1];
        EXPECT_EQ(error.line, 3U);
        EXPECT_EQ(error.severity, "ERROR");
        EXPECT_EQ(error.sqlstate, "42703");
        EXPECT_EQ(error.message, "column \"nope\" does not exist");
        EXPECT_EQ(error.detail, "the detail");
        EXPECT_EQ(error.hint, "the hint");
        EXPECT_EQ(error.context, "the context");
        EXPECT_EQ(error.statement, "select nope");
        EXPECT_EQ(error.position, 8U);
    }
}

TEST(CsvlogParser, ReadsTheColumnsOfOlderServers) {
    std::string text = kStatement;
    const std::string of_14 = ",\"client backend\",,0\n";
    ASSERT_TRUE(text.ends_with(of_14));
    const std::string of_12 = text.substr(0, text.size() - of_14.size()) + "\n";
    const std::string of_13 = text.substr(0, text.size() - of_14.size()) + ",\"client backend\"\n";
    EXPECT_EQ(parse(of_12 + of_13).entries.size(), 2U);
    const std::string too_few = text.substr(0, text.find(",\"psql\"")) + "\n";
    const CollectedEntries found = parse(too_few + kError);
    EXPECT_EQ(found.entries.size(), 1U);
    EXPECT_FALSE(found.skipped.empty());
}

TEST(CsvlogParser, AFileMayBeginAndEndInAnEntry) {
    const std::string all = std::string(kStatement) + kError + kStatement;
    for (std::size_t cut = 1; cut < std::string(kStatement).size(); ++cut) {
        const CollectedEntries found = parse(all.substr(cut));
        EXPECT_EQ(found.entries.size(), 2U) << cut;
        // Twice where what is left begins with the session's start, a time as well.
        EXPECT_THAT(found.skipped, SizeIs(AllOf(Ge(1U), Le(2U)))) << cut;
    }
    const CollectedEntries found = parse(all.substr(0, all.size() - 1));
    EXPECT_EQ(found.entries.size(), 2U);
    ASSERT_EQ(found.skipped.size(), 1U);
    EXPECT_EQ(found.skipped[0].first, "cut off at the file's end");
    EXPECT_EQ(found.skipped[0].second, 4U);
}

TEST(CsvlogParser, WrongQuotesCostTheirEntryOnly) {
    std::string broken = kStatement;
    broken.replace(broken.find("\"psql\""), 6, "\"ps\"ql");
    const CollectedEntries found = parse(broken + kError);
    ASSERT_EQ(found.entries.size(), 1U);
    EXPECT_EQ(found.entries[0].severity, "ERROR");
    EXPECT_FALSE(found.skipped.empty());
}

TEST(CsvlogParser, AnEntryOfNoEndIsBounded) {
    CollectedEntries found;
    LogClock clock;
    CsvlogParser parser(clock, found);
    std::string begin = kStatement;
    parser.feed(begin.substr(0, begin.find("statement: ")));
    const std::string filler(1U << 20U, 'x');
    for (int i = 0; i < 20; ++i) parser.feed(filler);
    parser.feed("\n" + std::string(kError));
    parser.finish();
    ASSERT_EQ(found.entries.size(), 1U);
    EXPECT_EQ(found.entries[0].severity, "ERROR");
    EXPECT_EQ(found.skipped.at(0).first, "longer than 8 MiB");
}

}  // namespace
}  // namespace understudy::capture
