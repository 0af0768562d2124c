// One suite for every place that keeps runs: the same questions have the same answers.
#include "app/history/history.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "app/history/open_history.hpp"
#include "tests/support/made_runs.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::app {
namespace {

using testing::made_fingerprint;
using testing::made_run;
using testing::TemporaryDirectory;
using testing::ThrowawayCluster;

enum class Place { directory, postgres };

std::string id_of(const compare::RunRecord& run) { return run.observed.summary.id; }

std::vector<std::string> ids_of(const RunPage& page) {
    std::vector<std::string> ids;
    for (const auto& summary : page.runs) ids.push_back(summary.id);
    return ids;
}

/// A history of each place, empty.
class HistorySuite : public ::testing::TestWithParam<Place> {
protected:
    void SetUp() override {
        where_ = GetParam() == Place::directory
                     ? folder_.file("history")
                     : ThrowawayCluster::shared().conninfo(ThrowawayCluster::shared().create_database("history"));
        auto opened = open_history(where_, {});
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        history_ = std::move(*opened);
    }
    void keep(const compare::RunRecord& run) {
        const auto added = history_->add(run);
        ASSERT_TRUE(added.has_value()) << added.error().message;
    }
    TemporaryDirectory folder_;
    std::string where_;
    std::unique_ptr<History> history_;
};

TEST_P(HistorySuite, GivesBackWhatItWasGiven) {
    for (const auto& run : {made_run(1), made_run(2, "weekly 'ü'", 0, 0), made_run(3, "big", 700, 900)}) {
        keep(run);
        const auto again = history_->read(id_of(run));
        ASSERT_TRUE(again.has_value()) << again.error().message;
        EXPECT_EQ(again->observed.summary, run.observed.summary);
        EXPECT_EQ(again->observed.findings, run.observed.findings);
        EXPECT_EQ(again->observed.asked, run.observed.asked);
        EXPECT_EQ(again->latencies, run.latencies);
        EXPECT_TRUE(*again == run);
    }
    // Another program sees the same.
    const auto other = open_history(where_, {true, false});
    ASSERT_TRUE(other.has_value()) << other.error().message;
    EXPECT_EQ((*other)->list({})->runs.size(), 3U);
}

TEST_P(HistorySuite, ListsNewestFirstByPage) {
    for (int night = 0; night < 7; ++night) keep(made_run((night * 3) % 7));  // in another order than they happened
    RunFilter filter;
    filter.limit = 3;
    std::vector<std::string> all;
    for (int page = 0; page < 3; ++page) {
        const auto part = history_->list(filter);
        ASSERT_TRUE(part.has_value());
        EXPECT_EQ(part->more, page < 2);
        const auto ids = ids_of(*part);
        all.insert(all.end(), ids.begin(), ids.end());
        filter.before = all.back();
    }
    ASSERT_EQ(all.size(), 7U);
    for (int night = 0; night < 7; ++night) EXPECT_EQ(all[static_cast<std::size_t>(6 - night)], id_of(made_run(night)));
    filter.before = id_of(made_run(0));
    EXPECT_TRUE(history_->list(filter)->runs.empty());
}

TEST_P(HistorySuite, FiltersByJobVerdictAndRelease) {
    for (int night = 0; night < 4; ++night) {
        keep(made_run(night, "a", night % 2));
        keep(made_run(night, "b", 1));
    }
    ASSERT_TRUE(history_->mark_release(id_of(made_run(2, "a", 0)), "7.2 'beta'").has_value());
    RunFilter filter;
    filter.job = "a";
    EXPECT_EQ(history_->list(filter)->runs.size(), 4U);
    filter.verdict = "same";
    EXPECT_EQ(history_->list(filter)->runs.size(), 2U);
    filter.releases_only = true;
    const auto releases = history_->list(filter);
    ASSERT_EQ(releases->runs.size(), 1U);
    EXPECT_EQ(releases->runs[0].release, "7.2 'beta'");
    EXPECT_EQ(history_->read(releases->runs[0].id)->observed.summary.release, "7.2 'beta'");
    ASSERT_TRUE(history_->mark_release(releases->runs[0].id, "").has_value());
    EXPECT_TRUE(history_->list(filter)->runs.empty());
    filter.job = "none";
    EXPECT_TRUE(history_->list(filter)->runs.empty());
    EXPECT_TRUE(history_->observed(filter)->empty());
    EXPECT_TRUE(history_->latency(made_fingerprint(0), filter)->empty());
    EXPECT_TRUE(history_->latencies(filter)->empty());
}

TEST_P(HistorySuite, ObservedHasFindingsAndWhatWasAsked) {
    keep(made_run(1, "a", 3));
    keep(made_run(2, "a", 0));
    keep(made_run(3, "a", 1));
    RunFilter filter;
    filter.limit = 2;
    const auto runs = history_->observed(filter);
    ASSERT_TRUE(runs.has_value()) << runs.error().message;
    ASSERT_EQ(runs->size(), 2U);
    EXPECT_EQ((*runs)[0], made_run(3, "a", 1).observed);
    EXPECT_EQ((*runs)[1], made_run(2, "a", 0).observed);
}

TEST_P(HistorySuite, LatencyIsOldestFirstOfTheNewestRuns) {
    for (int night = 0; night < 5; ++night) keep(made_run(night, "a", 0, night == 3 ? 0 : 2));
    RunFilter filter;
    filter.limit = 3;  // nights 2, 3 and 4; night 3 has no times
    const auto series = history_->latency(made_fingerprint(1), filter);
    ASSERT_TRUE(series.has_value());
    ASSERT_EQ(series->size(), 2U);
    EXPECT_EQ((*series)[0].run, id_of(made_run(2, "a")));
    EXPECT_EQ((*series)[1].at, testing::night_time(4));
    EXPECT_EQ((*series)[1].latency, made_run(4, "a", 0, 2).latencies[1]);
    EXPECT_TRUE(history_->latency("no such '", filter)->empty());
    const auto all = history_->latencies(filter);
    ASSERT_EQ(all->size(), 4U);
    EXPECT_EQ((*all)[0].latency.fingerprint, made_fingerprint(0));
    EXPECT_EQ((*all)[0].latency.statement, "");
    EXPECT_EQ((*all)[3].latency.candidate, made_run(4, "a", 0, 2).latencies[1].candidate);
}

TEST_P(HistorySuite, ARunIsKeptOnceAndRemovedWhole) {
    keep(made_run(1));
    const auto twice = history_->add(made_run(1));
    ASSERT_FALSE(twice.has_value());
    EXPECT_EQ(twice.error().code, Errc::usage);
    EXPECT_FALSE(history_->certificate(id_of(made_run(1)))->has_value());
    ASSERT_TRUE(history_->keep_certificate(id_of(made_run(1)), "{\"ü\": '1'}\n").has_value());
    ASSERT_TRUE(history_->keep_certificate(id_of(made_run(1)), "{\"ü\": '2'}\n").has_value());
    EXPECT_EQ(**history_->certificate(id_of(made_run(1))), "{\"ü\": '2'}\n");
    ASSERT_TRUE(history_->mark_release(id_of(made_run(1)), "7.2").has_value());
    ASSERT_TRUE(history_->remove(id_of(made_run(1))).has_value());
    EXPECT_TRUE(history_->list({})->runs.empty());
    EXPECT_EQ(history_->read(id_of(made_run(1))).error().code, Errc::usage);
    // Nothing of it comes back with another of its name.
    keep(made_run(1));
    EXPECT_EQ(history_->read(id_of(made_run(1)))->observed.summary.release, "");
    EXPECT_FALSE(history_->certificate(id_of(made_run(1)))->has_value());
}

TEST_P(HistorySuite, AnIdThatNoRunHasIsWrongUsage) {
    for (const std::string id : {"20260101T030000000Z-0000", "../x", "", "'; drop schema understudy cascade; --"}) {
        EXPECT_EQ(history_->read(id).error().code, Errc::usage) << id;
        EXPECT_EQ(history_->remove(id).error().code, Errc::usage) << id;
        EXPECT_EQ(history_->mark_release(id, "x").error().code, Errc::usage) << id;
        EXPECT_EQ(history_->keep_certificate(id, "x").error().code, Errc::usage) << id;
        EXPECT_EQ(history_->certificate(id).error().code, Errc::usage) << id;
    }
    EXPECT_TRUE(history_->list({}).has_value());
}

TEST_P(HistorySuite, WhatAHistoryDoesNotTakeIsRefused) {
    auto run = made_run(1);
    run.observed.summary.id = "../../x";
    EXPECT_EQ(history_->add(run).error().code, Errc::usage);
    run = made_run(1);
    run.text.push_back('\0');
    EXPECT_EQ(history_->add(run).error().code, Errc::usage);
    run = made_run(1);
    std::swap(run.latencies[0], run.latencies[1]);
    EXPECT_EQ(history_->add(run).error().code, Errc::usage);
    run = made_run(1);
    run.observed.findings.resize(compare::RunRecord::kMaxFindings + 1);
    EXPECT_EQ(history_->add(run).error().code, Errc::usage);
    EXPECT_TRUE(history_->list({})->runs.empty());
}

TEST_P(HistorySuite, WritersAtOnceLoseNothing) {
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
            const auto own = open_history(where_, {});
            ASSERT_TRUE(own.has_value()) << own.error().message;
            for (int night = 0; night < 10; ++night) {
                EXPECT_TRUE((*own)->add(made_run(night, fmt::format("job {}", writer))).has_value());
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(history_->list({})->runs.size(), 40U);
    EXPECT_TRUE(history_->skipped().empty());
}

INSTANTIATE_TEST_SUITE_P(Places, HistorySuite, ::testing::Values(Place::directory, Place::postgres),
                         [](const auto& one) { return one.param == Place::directory ? "Directory" : "PostgreSQL"; });

}  // namespace
}  // namespace understudy::app
