#include "app/compare/compare_jobs.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/store/capture_writer.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::app {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

/// Three captures of 30 sessions: a column's values differ, an insert fails, a clock is noise.
class CompareJobs : public ::testing::Test {
protected:
    CompareJobs() {
        MadeCapture a("a"), b("b"), c("c");
        for (std::uint64_t i = 0; i < 600; ++i) {
            const std::uint64_t session = 1 + i % 30;
            const Bytes id = std::to_string(i);
            const std::vector<Column> columns{{"id"}, {"name", oid::text}};
            for (auto* side : {&a, &b, &c}) {
                const bool other = side == &b && i % 9 == 4;
                side->query(session, "SELECT id, name FROM products WHERE id = " + id,
                            {rows(columns, {{id, other ? "new" : "old"}}, true)});
                const bool fails = side == &b && i % 20 == 3;
                side->query(session, "INSERT INTO orders VALUES (" + id + ")",
                            {fails ? failed("23502", "null value in column \"x\"") : done("INSERT 0 1")});
                side->query(session, "SELECT clock_timestamp()::text AS now",
                            {rows({{"now", oid::text}}, {{id + side->name()}}, true)});
            }
        }
        a.add(Counters{{{"loss.kernel_drops", 3}}, SessionId()});
        paths_[index_of(compare::Side::baseline)] = written(a);
        paths_[index_of(compare::Side::candidate)] = written(b);
        paths_[index_of(compare::Side::control)] = written(c);
    }

    std::string written(const MadeCapture& capture) {
        const std::string path = folder_.path() + "/" + capture.name() + ".pgcap";
        auto file = store::CaptureFile::create(path, capture.header()).value();
        store::EventWriter writer(*file);
        std::size_t count = 0;
        for (const Event& event : capture.events()) {
            writer.on_event(Event(event));
            if (++count % 300 == 0) writer.flush();
        }
        writer.flush();
        EXPECT_TRUE(file->finish());
        return path;
    }

    nlohmann::json report(std::uint32_t jobs, compare::SessionPart part = {}) {
        compare::ComparisonOptions options;
        options.part = part;
        std::optional<DigestKey> key;
        const auto whole = compare_in_jobs(paths_, Keys(), options, jobs, key);
        EXPECT_TRUE(whole) << (whole ? "" : whole.error().message);
        if (!whole) return {};
        EXPECT_EQ(whole->parts, std::vector{part});
        return nlohmann::json::parse(to_json(report_of(*whole, {})));
    }

    TemporaryDirectory folder_;
    compare::PerSide<std::string> paths_;
};

TEST_F(CompareJobs, ReportWhatOneReports) {
    const auto alone = report(1);
    EXPECT_EQ(alone["findings"].size(), 2U);
    EXPECT_FALSE(alone["noise"].empty());
    for (const std::uint32_t jobs : {2U, 3U, 16U}) EXPECT_EQ(report(jobs), alone) << jobs << " jobs";
}

TEST_F(CompareJobs, ShareAPart) {
    const auto alone = report(1, {2, 3});
    EXPECT_EQ(report(4, {2, 3}), alone);
    EXPECT_NE(alone, report(1));
}

TEST_F(CompareJobs, FailAsOneFails) {
    paths_[index_of(compare::Side::candidate)] = folder_.path() + "/none.pgcap";
    std::optional<DigestKey> key;
    for (const std::uint32_t jobs : {1U, 2U}) {
        const auto result = compare_in_jobs(paths_, Keys(), {}, jobs, key);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, Errc::io);
    }
}

}  // namespace
}  // namespace understudy::app
