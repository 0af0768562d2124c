#include "app/history/directory_history.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/history/open_history.hpp"
#include "tests/support/made_runs.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::app {
namespace {

using testing::made_run;
using testing::TemporaryDirectory;

std::unique_ptr<History> opened(const std::string& path) { return std::move(*open_history(path, {})); }

std::string id_of_night(int night) { return made_run(night).observed.summary.id; }

mode_t mode_of(const std::string& path) {
    struct stat status = {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DirectoryHistory, IsForItsOwnerOnly) {
    const TemporaryDirectory folder;
    const std::string path = folder.file("a/history");
    const auto history = opened(path);
    ASSERT_TRUE(history->add(made_run(1)).has_value());
    ASSERT_TRUE(history->mark_release(id_of_night(1), "7.2").has_value());
    ASSERT_TRUE(history->keep_certificate(id_of_night(1), "{}").has_value());
    EXPECT_EQ(mode_of(path), 0700U);
    for (const char* suffix : {".run", ".release", ".certificate"}) {
        EXPECT_EQ(mode_of(path + "/" + id_of_night(1) + suffix), 0600U);
    }
}

TEST(DirectoryHistory, ThatIsNotThereIsSaidWhereItOnlyIsRead) {
    const TemporaryDirectory folder;
    const auto history = open_history(folder.file("none"), {true, false});
    ASSERT_FALSE(history.has_value());
    EXPECT_EQ(history.error().code, Errc::io);
    EXPECT_FALSE(std::filesystem::exists(folder.file("none")));
}

TEST(DirectoryHistory, ARunThatIsCutAnywhereIsSkippedAndCounted) {
    const TemporaryDirectory folder;
    const auto history = opened(folder.path());
    ASSERT_TRUE(history->add(made_run(1)).has_value());
    ASSERT_TRUE(history->add(made_run(2)).has_value());
    const std::string path = folder.file(id_of_night(2) + ".run");
    const std::string whole = file_text(path);
    for (std::size_t cut = 0; cut < whole.size(); cut += 7) {
        write_file(path, whole.substr(0, cut));
        const auto page = history->list({});
        ASSERT_TRUE(page.has_value());
        ASSERT_EQ(page->runs.size(), 1U) << cut;
        ASSERT_EQ(history->skipped().size(), 1U) << cut;
        const auto run = history->read(id_of_night(2));
        ASSERT_FALSE(run.has_value());
        EXPECT_EQ(run.error().code, Errc::malformed) << run.error().message;
    }
}

TEST(DirectoryHistory, ADamagedByteIsFoundInThePartThatIsRead) {
    const TemporaryDirectory folder;
    const auto history = opened(folder.path());
    ASSERT_TRUE(history->add(made_run(1)).has_value());
    const std::string path = folder.file(id_of_night(1) + ".run");
    const std::string whole = file_text(path);
    for (std::size_t at = 0; at < whole.size(); at += 5) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x21);
        write_file(path, damaged);
        ASSERT_FALSE(history->read(id_of_night(1)).has_value()) << at;
    }
}

TEST(DirectoryHistory, WhatIsNoRunIsSaid) {
    const TemporaryDirectory folder;
    const auto history = opened(folder.path());
    ASSERT_TRUE(history->add(made_run(1)).has_value());
    write_file(folder.file("notes.txt"), "not ours");
    std::filesystem::create_directory(folder.file("20260102T030000000Z-0001.run"));
    ASSERT_EQ(::mkfifo(folder.file("20260102T030000000Z-0002.run").c_str(), 0600), 0);
    ASSERT_EQ(::symlink("/etc/passwd", folder.file("20260102T030000000Z-0003.run").c_str()), 0);
    // Under another name it is not the run that it says.
    std::filesystem::copy_file(folder.file(id_of_night(1) + ".run"), folder.file("20260102T030000000Z-0004.run"));
    const auto page = history->list({});
    ASSERT_TRUE(page.has_value()) << page.error().message;
    EXPECT_EQ(page->runs.size(), 1U);
    EXPECT_EQ(history->skipped().size(), 5U);
    EXPECT_FALSE(history->read("../../etc/passwd").has_value());
}

TEST(DirectoryHistory, ANewerVersionIsSaid) {
    const TemporaryDirectory folder;
    const auto history = opened(folder.path());
    write_file(folder.file(id_of_night(1) + ".run"), "understudy-run 2 00000000 {}\n");
    const auto run = history->read(id_of_night(1));
    ASSERT_FALSE(run.has_value());
    EXPECT_EQ(run.error().code, Errc::unsupported);
}

TEST(DirectoryHistory, SeveralWritersAtOnceLoseNothing) {
    const TemporaryDirectory folder;
    std::vector<pid_t> writers;
    for (int writer = 0; writer < 4; ++writer) {
        const pid_t child = ::fork();
        if (child == 0) {
            const auto history = opened(folder.path());
            bool good = true;
            for (int night = 0; night < 25; ++night) good = history->add(made_run(night, fmt::format("job {}", writer))) && good;
            ::_exit(good ? 0 : 1);
        }
        writers.push_back(child);
    }
    for (const pid_t writer : writers) {
        int status = 0;
        ::waitpid(writer, &status, 0);
        EXPECT_EQ(status, 0);
    }
    RunFilter filter;
    filter.limit = 1'000;
    const auto history = opened(folder.path());
    EXPECT_EQ(history->list(filter)->runs.size(), 100U);
    EXPECT_TRUE(history->skipped().empty());
}

TEST(DirectoryHistory, KilledAtAnyMomentItHasWholeRunsOnly) {
    const TemporaryDirectory folder;
    for (int round = 0; round < 30; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            const auto history = opened(folder.path());
            for (int night = 0;; ++night) {
                auto run = made_run(night, fmt::format("round {}", round), 300, 500);
                if (!history->add(run) || !history->mark_release(run.observed.summary.id, "7.2")) ::_exit(1);
            }
        }
        ::usleep(static_cast<useconds_t>(40'000 + 3'700 * round));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status));
    }
    const auto history = opened(folder.path());
    RunFilter filter;
    filter.limit = RunFilter::kMaxLimit;
    const auto page = history->list(filter);
    ASSERT_TRUE(page.has_value());
    EXPECT_TRUE(history->skipped().empty());
    ASSERT_FALSE(page->runs.empty());
    for (const auto& summary : page->runs) EXPECT_TRUE(history->read(summary.id).has_value()) << summary.id;
}

}  // namespace
}  // namespace understudy::app
