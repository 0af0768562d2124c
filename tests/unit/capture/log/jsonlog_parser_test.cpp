#include "capture/log/jsonlog_parser.hpp"

#include <gtest/gtest.h>

#include "tests/unit/capture/log/collected_entries.hpp"

namespace understudy::capture {
namespace {

using testing::CollectedEntries;
using testing::feed_in_pieces;

constexpr const char* kLine =
    R"({"timestamp":"2026-03-01 12:00:00.123 UTC","user":"ann","dbname":"shop","pid":26897,"remote_host":"127.0.0.1",)"
    R"("remote_port":45410,"session_id":"6b03af66.6911","line_num":90,"ps":"BIND","vxid":"3/40","txid":0,)"
    R"("error_severity":"ERROR","state_code":"22012","message":"a \"b\"\n\tc\\ \u00e9\u0001 \ud83d\ude00","detail":"d",)"
    R"("context":"c","statement":"select 1/$1::int","cursor_position":7,"application_name":"my app",)"
    R"("backend_type":"client backend","query_id":0})"
    "\n";

CollectedEntries parse(const std::string& text, std::size_t piece = 1'000'000) {
    CollectedEntries entries;
    LogClock clock;
    JsonlogParser parser(clock, entries);
    feed_in_pieces(parser, text, piece);
    return entries;
}

TEST(JsonlogParser, ReadsEntriesWhateverThePieces) {
    for (const std::size_t piece : {1U, 3U, 100U, 1000U}) {
        const CollectedEntries found = parse(std::string(kLine) + kLine, piece);
        ASSERT_EQ(found.entries.size(), 2U) << piece;
        const auto& entry = found.entries[1];
        EXPECT_EQ(entry.line, 2U);
        EXPECT_EQ(entry.time.ns(), 1'772'366'400'123'000'000);
        EXPECT_EQ(entry.user, "ann");
        EXPECT_EQ(entry.database, "shop");
        EXPECT_EQ(entry.process_id, 26897U);
        EXPECT_EQ(entry.client, "127.0.0.1:45410");
        EXPECT_EQ(entry.message, "a \"b\"\n\tc\\ \xc3\xa9\x01 \xf0\x9f\x98\x80");
        EXPECT_EQ(entry.detail, "d");
        EXPECT_EQ(entry.context, "c");
        EXPECT_EQ(entry.statement, "select 1/$1::int");
        EXPECT_EQ(entry.position, 7U);
        EXPECT_EQ(entry.application, "my app");
    }
}

TEST(JsonlogParser, KeepsBytesThatAreNoUtf8) {
    std::string line = kLine;
    line.replace(line.find("\"d\""), 3, "\"caf\xe9\"");
    ASSERT_EQ(parse(line).entries.size(), 1U);
    EXPECT_EQ(parse(line).entries[0].detail, "caf\xe9");
}

TEST(JsonlogParser, WhatIsMalformedIsSkippedAlone) {
    const std::string good = kLine;
    for (const std::string bad :
         {"{", "{}", "[]", "null", "{\"timestamp\"}", "{\"timestamp\":}", "{\"timestamp\":\"2026-03-01 12:00:00 UTC\"",
          "{\"message\":\"\\u12\"}", "{\"message\":\"\\x\"}", "{\"a\":\"b\"}x", "{\"a\":{\"b\":1}}",
          "{\"a\":\"\\ud800\\u0041\"}", "{\"timestamp\":\"never\",\"message\":\"x\"}", "{\"message\":\"cut"}) {
        const CollectedEntries found = parse(good + bad + "\n" + good);
        EXPECT_EQ(found.entries.size(), 2U) << bad;
        ASSERT_EQ(found.skipped.size(), 1U) << bad;
        EXPECT_EQ(found.skipped[0].second, 2U) << bad;
    }
    EXPECT_EQ(parse(good + "{\"timest").skipped.at(0).first, "cut off at the file's end");
}

TEST(JsonlogParser, ALineOfNoEndIsBounded) {
    CollectedEntries found;
    LogClock clock;
    JsonlogParser parser(clock, found);
    parser.feed("{\"message\":\"");
    const std::string filler(1U << 20U, 'x');
    for (int i = 0; i < 20; ++i) parser.feed(filler);
    parser.feed("\"}\n" + std::string(kLine));
    parser.finish();
    EXPECT_EQ(found.entries.size(), 1U);
    ASSERT_EQ(found.skipped.size(), 1U);
    EXPECT_EQ(found.skipped[0].first, "longer than 8 MiB");
}

}  // namespace
}  // namespace understudy::capture
