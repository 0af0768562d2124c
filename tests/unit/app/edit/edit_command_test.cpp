#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "app/capture_input.hpp"
#include "app/command.hpp"
#include "capture/edit/merger.hpp"
#include "core/store/capture_writer.hpp"
#include "tests/unit/app/inspect/shop_capture.hpp"

// The cut and merge commands on files.
namespace understudy::app {
namespace {

namespace fs = std::filesystem;
using namespace inspect;

class EditCommand : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) / ("edit_" + std::to_string(getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    std::string write(const std::string& name, const std::vector<Event>& events,
                      const CaptureHeader& header = shop_header()) const {
        auto file = store::CaptureFile::create(path(name), header);
        EXPECT_TRUE(file);
        store::EventWriter writer(**file);
        for (Event event : events) writer.on_event(std::move(event));
        writer.flush();
        EXPECT_TRUE((*file)->finish());
        return path(name);
    }

    int run(std::vector<std::string> arguments) {
        CLI::App app;
        int exit_code = -1;
        add_cut_command(app, exit_code);
        add_merge_command(app, exit_code);
        std::reverse(arguments.begin(), arguments.end());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        try {
            app.parse(arguments);
        } catch (const CLI::ParseError&) {
            exit_code = kUsage;
        }
        out_ = testing::internal::GetCapturedStdout();
        err_ = testing::internal::GetCapturedStderr();
        return exit_code;
    }

    struct Read {
        FileReport report;
        std::vector<Event> events;
    };
    static Read read(const std::string& file) {
        Read read;
        Errc code = Errc::io;
        read.report = read_capture(file, code, [&](Event&& event) { read.events.push_back(std::move(event)); });
        return read;
    }

    fs::path folder_;
    std::string out_;
    std::string err_;
};

TEST_F(EditCommand, CutWritesAWholeFileThatSaysWhatItIs) {
    const std::string source = write("a.pgcap", shop_capture());
    ASSERT_EQ(run({"cut", source, "--output", path("cut.pgcap"), "--errors-only", "--user", "shop"}), kPassed) << err_;
    const Read cut = read(path("cut.pgcap"));
    EXPECT_TRUE(cut.report.complete());
    EXPECT_EQ(cut.report.header.description, "cut of 1 file, user shop, errors only");
    EXPECT_EQ(cut.report.header.key_id, shop_header().key_id);
    EXPECT_EQ(cut.report.header.system_identifier, shop_header().system_identifier);
    EXPECT_NE(out_.find("1 exchange kept, 5 left out"), std::string::npos) << out_;
    const auto& counters = std::get<Counters>(cut.events.back()).values;
    EXPECT_EQ(counters.at("source.loss.kernel_drops"), 3U);
    EXPECT_EQ(counters.count("loss.kernel_drops"), 0U);
    EXPECT_EQ(fs::status(path("cut.pgcap")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(EditCommand, NothingIsWrittenOverItsSource) {
    const std::string source = write("a.pgcap", shop_capture());
    fs::create_symlink(source, path("link.pgcap"));
    const auto size = fs::file_size(source);
    EXPECT_EQ(run({"cut", source, "--output", path("link.pgcap")}), kUsage);
    EXPECT_EQ(run({"cut", folder_.string(), "--output", source}), kUsage);
    EXPECT_EQ(run({"merge", source, path("link.pgcap"), "--output", source}), kUsage);
    EXPECT_EQ(fs::file_size(source), size);
}

TEST_F(EditCommand, WhatCannotBeUnderstoodIsWrongUsage) {
    const std::string source = write("a.pgcap", shop_capture());
    const std::string output = path("x.pgcap");
    EXPECT_EQ(run({"cut", source, "--output", output, "--from", "yesterday"}), kUsage);
    EXPECT_EQ(run({"cut", source, "--output", output, "--fingerprint", "xyz"}), kUsage);
    EXPECT_EQ(run({"cut", source, "--output", output, "--session", "1-2"}), kUsage);
    EXPECT_EQ(run({"merge", source, source, "--output", output, "--offset", "other.pgcap=1"}), kUsage);
    EXPECT_EQ(run({"merge", source, source, "--output", output, "--offset", source + "=x"}), kUsage);
    EXPECT_EQ(run({"merge", source, "--output", output}), kUsage);
    EXPECT_FALSE(fs::exists(output));
    EXPECT_EQ(run({"cut", path("none.pgcap"), "--output", output}), kEnvironment);
}

TEST_F(EditCommand, DifferentPoliciesOrKeysAreRefused) {
    const std::string a = write("a.pgcap", shop_capture());
    CaptureHeader other = shop_header();
    other.policy = ResultsPolicy::full;
    const std::string full = write("full.pgcap", shop_capture(), other);
    other = shop_header();
    other.key_id = "ffff";
    const std::string key = write("key.pgcap", shop_capture(), other);
    EXPECT_EQ(run({"merge", a, full, "--output", path("x.pgcap")}), kUsage);
    EXPECT_NE(err_.find("results are kept as digest in one and as full in the other"), std::string::npos) << err_;
    EXPECT_EQ(run({"merge", a, key, "--output", path("x.pgcap")}), kUsage);
    EXPECT_NE(err_.find("digest keys differ"), std::string::npos) << err_;
    EXPECT_FALSE(fs::exists(path("x.pgcap")));
}

TEST_F(EditCommand, MergePutsHostsInOrderOfTimeAndSaysHowSureItIs) {
    std::vector<Event> client;
    add_web_session(client);
    std::vector<Event> server;
    add_web_session(server);
    for (Event& event : server) {
        capture::shift_times(event, Duration::seconds(10));
        std::visit(
            [](auto& e) {
                if constexpr (requires { e.session; }) e.session = SessionId(0xB1);
            },
            event);
    }
    server.push_back(opened(0xB2, 10'005, "eve"));
    server.push_back(closed(0xB2, 10'006, SessionEnd::terminate));
    const std::string a = write("a.pgcap", client);
    const std::string b = write("b.pgcap", server);
    ASSERT_EQ(run({"merge", a, b, "--output", path("m.pgcap")}), kPassed) << err_;
    EXPECT_NE(out_.find("-10.000000 s, ± 0 ns by 1 session in common"), std::string::npos) << out_;
    const Read merged = read(path("m.pgcap"));
    EXPECT_EQ(merged.report.header.source, "merged");
    EXPECT_EQ(merged.report.header.clock_uncertainty_ns, 0);
    ASSERT_EQ(merged.events.size(), client.size() + 3);
    Timestamp last;
    for (const Event& event : merged.events) {
        if (const auto* one = std::get_if<Request>(&event)) {
            EXPECT_EQ(one->session, SessionId(0xA1));
            EXPECT_GE(one->time, last);
            last = one->time;
        }
        if (const auto* one = std::get_if<SessionOpened>(&event); one != nullptr && one->identity.user == "eve") {
            EXPECT_EQ(one->time, at(5));
        }
    }
    const std::string c = write("c.pgcap", {server.end() - 2, server.end()});
    ASSERT_EQ(run({"merge", a, c, "--output", path("m2.pgcap")}), kPassed) << err_;
    EXPECT_NE(out_.find("uncertainty unknown"), std::string::npos) << out_;
    EXPECT_EQ(read(path("m2.pgcap")).report.header.clock_uncertainty_ns, -1);
    ASSERT_EQ(run({"merge", a, c, "--output", path("m3.pgcap"), "--offset", c + "=-9.5"}), kPassed) << err_;
    EXPECT_NE(out_.find("-9.500000 s as given"), std::string::npos) << out_;
}

}  // namespace
}  // namespace understudy::app
