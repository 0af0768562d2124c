#include "capture/log/log_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/throwaway_cluster.hpp"
#include "tests/unit/capture/log/assembled_log.hpp"

namespace understudy::capture {
namespace {

using testing::described;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using understudy::testing::run_command;
using understudy::testing::TemporaryDirectory;

class Requests final : public EventSink {
public:
    void on_event(Event&& event) override {
        if (const auto* request = std::get_if<Request>(&event)) asked.push_back(described(request->frames));
        if (auto* last = std::get_if<Counters>(&event)) counters = std::move(*last);
    }
    std::vector<std::string> asked;
    Counters counters;
};

class LogSource : public ::testing::Test {
protected:
    std::string write(const std::string& name, const std::string& text) {
        std::ofstream(directory_.file(name), std::ios::binary) << text;
        options_.files.push_back(directory_.file(name));
        return options_.files.back();
    }
    static std::string line(int second, const std::string& message) {
        return "2026-03-01 12:00:0" + std::to_string(second) + ".000 UTC [4711] ann@shop LOG:  " + message + "\n";
    }
    Result<LogReport> import() { return import_logs(options_, Digester(DigestKey::generate()), sink_); }

    TemporaryDirectory directory_;
    LogOptions options_;
    Requests sink_;
};

TEST_F(LogSource, ReadsRotatedFilesByContentWhateverTheirOrderAndCompression) {
    write("a", line(5, "statement: select 3"));
    const std::string gz = write("b", line(1, "statement: select 1"));
    const std::string zst = write("c", line(3, "statement: select 2"));
    ASSERT_EQ(run_command("gzip " + gz + " && mv " + gz + ".gz " + gz).exit_code, 0);
    ASSERT_EQ(run_command("zstd -q --rm " + zst + " -o " + zst + ".zst && mv " + zst + ".zst " + zst).exit_code, 0);
    const auto report = import();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(sink_.asked, ElementsAre("Query(select 1)", "Query(select 2)", "Query(select 3)"));
    ASSERT_EQ(report->files.size(), 3U);
    EXPECT_EQ(report->files[0].path, gz);
    EXPECT_EQ(report->files[0].line_prefix, "%m [%p] %q%u@%d ");
    EXPECT_TRUE(report->files[0].prefix_guessed);
    EXPECT_EQ(report->clock_uncertainty, Duration::milliseconds(1));
    EXPECT_EQ(sink_.counters.values, report->counters);
}

TEST_F(LogSource, ReadsGzipOfSeveralMembersAndAsFarAsACutOneGoes) {
    std::string big;
    for (int i = 0; i < 20'000; ++i) big += line(i % 10, "statement: select " + std::to_string(i * 7919));
    const std::string path = write("a", big);
    ASSERT_EQ(run_command("gzip -k " + path + " && cat " + path + ".gz " + path + ".gz > " + path +
                          ".2 && head -c 50000 " + path + ".gz > " + path)
                  .exit_code,
              0);
    auto report = import();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->files[0].half_written);
    EXPECT_GT(sink_.asked.size(), 1000U);
    EXPECT_LT(sink_.asked.size(), 20'000U);
    options_.files = {path + ".2"};
    sink_.asked.clear();
    report = import();
    ASSERT_TRUE(report);
    EXPECT_EQ(sink_.asked.size(), 40'000U);
    EXPECT_FALSE(report->files[0].half_written);
}

TEST_F(LogSource, SkipsTheSameLogGivenTwiceAndSaysWhere) {
    const std::string first =
        write("a", line(1, "statement: select 1") + "garbage in 3\n" + line(2, "statement: select 2"));
    ASSERT_EQ(run_command("gzip -k " + first).exit_code, 0);
    options_.files.push_back(first + ".gz");
    const auto report = import();
    ASSERT_TRUE(report);
    EXPECT_EQ(sink_.asked.size(), 2U);
    EXPECT_EQ(report->files.at(1).skipped.count("the same as " + first), 1U);
}

TEST_F(LogSource, SaysWhichLinesItSkippedAndWhy) {
    write("a", "no log\n" + line(1, "statement: select 1") + line(2, "checkpoint starting: time") +
                   line(3, "statement: select 2").substr(0, 40));
    const auto report = import();
    ASSERT_TRUE(report);
    const LogFileReport& file = report->files[0];
    EXPECT_TRUE(file.half_written);
    EXPECT_EQ(file.entries, 2U);
    EXPECT_EQ(file.statements, 1U);
    EXPECT_THAT(file.skipped.at("unparsed line").lines, ElementsAre(1U));
    EXPECT_THAT(file.skipped.at("no statement").lines, ElementsAre(3U));
    EXPECT_THAT(file.skipped.at("cut off at the file's end").lines, ElementsAre(4U));
    EXPECT_EQ(report->counters.at("log.skipped.unparsed line"), 1U);
}

TEST_F(LogSource, RefusesWhatWouldMislead) {
    write("a", line(1, "statement: select 1"));
    write("b", "{\"timestamp\":\"2026-03-01 12:00:00.000 UTC\"}\n");
    EXPECT_EQ(import().error().code, Errc::usage);
    options_.files = {directory_.file("missing")};
    EXPECT_EQ(import().error().code, Errc::io);
    options_.files.clear();
    EXPECT_EQ(import().error().code, Errc::usage);
    write("c", "this is no log\n");
    EXPECT_THAT(import().error().message, HasSubstr("log_line_prefix"));
    options_.line_prefix = "%y";
    EXPECT_EQ(import().error().code, Errc::usage);
}

}  // namespace
}  // namespace understudy::capture
