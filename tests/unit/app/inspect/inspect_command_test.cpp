#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "app/command.hpp"
#include "app/inspect/format.hpp"
#include "core/store/capture_writer.hpp"
#include "tests/unit/app/inspect/shop_capture.hpp"

namespace understudy::app::inspect {
namespace {

namespace fs = std::filesystem;

struct Outcome {
    int exit_code = -1;
    std::string out;
    std::string err;
};

Outcome run(std::vector<std::string> arguments) {
    CLI::App app;
    Outcome outcome;
    add_inspect_command(app, outcome.exit_code);
    arguments.insert(arguments.begin(), "inspect");
    std::reverse(arguments.begin(), arguments.end());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
        app.parse(arguments);
    } catch (const CLI::ParseError&) {
        outcome.exit_code = kUsage;
    }
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
}

class InspectCommand : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) / ("inspect_" + std::to_string(getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    std::string write(const std::string& name, const std::vector<Event>& events, bool finish = true) const {
        auto file = store::CaptureFile::create(path(name), shop_header());
        EXPECT_TRUE(file.has_value());
        store::EventWriter writer(**file);
        for (Event event : events) {
            writer.on_event(std::move(event));
            if (writer.events() == 5) writer.flush();  // so that there are two chunks
        }
        writer.flush();
        EXPECT_TRUE(!finish || (*file)->finish().has_value());
        return path(name);
    }
    std::string write_bytes(const std::string& name, BytesView bytes) const {
        std::ofstream(path(name), std::ios::binary) << bytes;
        return path(name);
    }
    static Bytes read(const std::string& name) {
        std::ostringstream out;
        out << std::ifstream(name, std::ios::binary).rdbuf();
        return out.str();
    }

    /// Compares with tests/scenarios/inspect/NAME; UPDATE_GOLDEN=1 writes it anew.
    void expect_golden(const std::string& name, std::string text) const {
        for (std::size_t at = text.find(folder_.string()); at != std::string::npos; at = text.find(folder_.string())) {
            text.replace(at, folder_.string().size() + 1, "");
        }
        const std::string golden = std::string(UNDERSTUDY_SOURCE_DIR "/tests/scenarios/inspect/") + name;
        if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(golden, std::ios::binary) << text;
        EXPECT_EQ(text, read(golden)) << golden;
    }

    fs::path folder_;
};

TEST_F(InspectCommand, PrintsEachViewAsText) {
    const std::string file = write("shop.pgcap", shop_capture());
    for (const std::string what : {"summary", "sessions", "exchanges", "statements", "timeline"}) {
        const Outcome outcome = run({file, "--what", what});
        EXPECT_EQ(outcome.exit_code, kPassed);
        EXPECT_EQ(outcome.err, "");
        expect_golden(what + ".txt", outcome.out);
    }
}

TEST_F(InspectCommand, PrintsAnExchangeMessageByMessage) {
    const std::string file = write("shop.pgcap", shop_capture());
    const Outcome outcome = run({file, "--exchange", "a1:2"});
    EXPECT_EQ(outcome.exit_code, kPassed);
    expect_golden("exchange.txt", outcome.out);
    EXPECT_EQ(Json::parse(run({file, "--exchange", "a1:2", "--json"}).out)["messages"].size(), 7U);
    EXPECT_EQ(run({file, "--exchange", "a1:9"}).exit_code, kUsage);
}

TEST_F(InspectCommand, FiltersTheLists) {
    const std::string file = write("shop.pgcap", shop_capture());
    EXPECT_EQ(Json::parse(run({file, "--what", "exchanges", "--errors", "--json"}).out)["all"], 1);
    EXPECT_EQ(Json::parse(run({file, "--what", "sessions", "--user", "eve", "--json"}).out)["all"], 1);
    EXPECT_EQ(run({file, "--user", "eve"}).exit_code, kUsage);
    EXPECT_EQ(run({file, "--what", "exchanges", "--from", "x"}).exit_code, kUsage);
}

TEST_F(InspectCommand, FollowsAFileUntilItsTrailer) {
    const std::vector<Event> events = shop_capture();
    auto file = store::CaptureFile::create(path("live.pgcap"), shop_header());
    ASSERT_TRUE(file);
    std::thread writer([&] {
        store::EventWriter out(**file);
        for (Event event : events) {
            out.on_event(std::move(event));
            if (out.events() % 5 != 0) continue;
            out.flush();
            std::this_thread::sleep_for(std::chrono::milliseconds(30));
        }
        out.flush();
        EXPECT_TRUE((*file)->finish());
    });
    const Outcome live = run({path("live.pgcap"), "--what", "exchanges", "--follow"});
    writer.join();
    EXPECT_EQ(live.exit_code, kPassed) << live.err;
    EXPECT_EQ(live.out, run({path("live.pgcap"), "--what", "exchanges"}).out);
    EXPECT_EQ(run({path("live.pgcap"), "--follow"}).exit_code, kUsage);
}

TEST_F(InspectCommand, PrintsEachViewAsJson) {
    const std::string file = write("shop.pgcap", shop_capture());
    EXPECT_EQ(Json::parse(run({file, "--json"}).out)["sessions"], 4);

    const Json sessions = Json::parse(run({file, "--json", "--what", "sessions"}).out);
    EXPECT_EQ(sessions["format_version"], 2);
    EXPECT_EQ(sessions["complete"], true);
    EXPECT_EQ(sessions["all"], 5);
    ASSERT_EQ(sessions["sessions"].size(), 5U);
    Json web = sessions["sessions"][0];
    EXPECT_EQ(web["quality"]["whole"], 4);
    web.erase("quality");
    EXPECT_EQ(web, Json::parse(R"({"session":"00000000000000a1","user":"shop","database":"shopdb",
        "application":"web","client":"10.0.0.7:51234","server":"",
        "joined":false,"offset_ms":0.0,"duration_ms":40.0,
        "exchanges":4,"errors":1,"end":"terminate"})"));
    EXPECT_EQ(sessions["sessions"][1]["sqlstate"], "28P01");

    const Json exchanges = Json::parse(run({file, "--json", "--what", "exchanges"}).out);
    EXPECT_EQ(exchanges["all"], 13);
    ASSERT_EQ(exchanges["exchanges"].size(), 13U);
    EXPECT_EQ(exchanges["exchanges"][2],
              Json::parse(R"({"session":"00000000000000a1","ordinal":0,"step":2,"offset_ms":1.0,
        "kind":"Execute","sql":"SELECT name FROM product WHERE id = $1","outcome":"complete",
        "tag":"SELECT 1","rows":1,
        "latency_ms":1.6})"));
    EXPECT_EQ(exchanges["exchanges"][5]["sqlstate"], "42703");
    EXPECT_EQ(exchanges["exchanges"][5]["message"], "something is wrong");

    const Json statements = Json::parse(run({file, "--json", "--what", "statements"}).out);
    EXPECT_EQ(statements["what"], "statements");
    EXPECT_EQ(statements["all"], statements["statements"].size());
    EXPECT_EQ(run({file, "--json", "--what", "statements"}).out.find("secret"), std::string::npos) << "no values";
}

TEST_F(InspectCommand, ShowsAsManyEntriesAsAskedFor) {
    const std::string file = write("shop.pgcap", shop_capture());
    const Json limited = Json::parse(run({file, "--json", "--what", "exchanges", "--limit", "2"}).out);
    EXPECT_EQ(limited["exchanges"].size(), 2U);
    EXPECT_EQ(limited["shown"], 2);
    EXPECT_EQ(limited["all"], 13);
    EXPECT_NE(run({file, "--what", "sessions", "--limit", "2"}).out.find("2 of 5 sessions; --limit 0"),
              std::string::npos);
    EXPECT_NE(run({file, "--what", "statements", "--limit", "1"}).out.find("1 of 4 statements; --limit 0"),
              std::string::npos);

    std::vector<Event> many;
    for (std::uint32_t i = 0; i < 101; ++i) {
        many.push_back(request(1, i, i, frames(pgwire::Query{"SELECT 1"})));
        many.push_back(response(1, i, i + 0.5, {result(StepKind::statement, i + 0.5)}));
    }
    const std::string long_file = write("long.pgcap", many);
    EXPECT_NE(run({long_file, "--what", "exchanges"}).out.find("100 of 101 steps"), std::string::npos);
    EXPECT_EQ(run({long_file, "--what", "exchanges", "--limit", "0"}).out.find("--limit"), std::string::npos);
}

TEST_F(InspectCommand, ReadsSeveralFilesAndFolders) {
    const auto events = shop_capture();
    write("a.pgcap", {events.begin(), events.begin() + 4});
    write("b.pgcap", {events.begin() + 4, events.end()});
    const Json folder = Json::parse(run({folder_.string(), "--json"}).out);
    EXPECT_EQ(folder["files"].size(), 2U);
    EXPECT_EQ(folder["sessions"], 4);
    EXPECT_EQ(folder["exchanges"], 6);
    EXPECT_EQ(Json::parse(run({path("a.pgcap"), path("b.pgcap"), "--json"}).out)["exchanges"], 6);
}

TEST_F(InspectCommand, VerifyPassesAWholeFile) {
    const std::string file = write("shop.pgcap", shop_capture());
    const Outcome outcome = run({file, "--verify"});
    EXPECT_EQ(outcome.exit_code, kPassed);
    EXPECT_EQ(outcome.out, file + ": whole and undamaged: 22 records in 2 chunks\n");
    EXPECT_EQ(Json::parse(run({file, "--verify", "--json"}).out)["complete"], true);
}

TEST_F(InspectCommand, VerifyFindsAFileCutAnywhere) {
    const auto events = shop_capture();
    const Bytes bytes = read(write("small.pgcap", {events.begin(), events.begin() + 6}));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::string cut = write_bytes("cut.pgcap", BytesView(bytes).substr(0, size));
        const Outcome outcome = run({cut, "--verify"});
        ASSERT_EQ(outcome.exit_code, kEnvironment) << size;
        ASSERT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1) << outcome.out;
        ASSERT_EQ(outcome.err, "");
    }
}

TEST_F(InspectCommand, VerifySaysWhatIsDamaged) {
    Bytes bytes = read(write("shop.pgcap", shop_capture()));
    const std::size_t chunk = bytes.find("\x89UCHNK\r\n");
    bytes[chunk + 60] = static_cast<char>(bytes[chunk + 60] ^ 1);
    const std::string damaged = write_bytes("damaged.pgcap", bytes);
    const std::string unfinished = write("unfinished.pgcap", shop_capture(), false);
    const std::string none = path("none.pgcap");

    const Outcome outcome = run({damaged, unfinished, none, "--verify"});
    EXPECT_EQ(outcome.exit_code, kEnvironment);
    EXPECT_NE(outcome.out.find("damaged.pgcap: damaged: 1 damaged chunk left out, "), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("unfinished.pgcap: not complete: no trailer"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("every whole chunk was read: 17 records in 1 chunk\n"), std::string::npos)
        << outcome.out;
    EXPECT_NE(outcome.out.find("none.pgcap"), std::string::npos) << outcome.out;

    const Json json = Json::parse(run({damaged, unfinished, none, "--verify", "--json"}).out);
    EXPECT_EQ(json["complete"], false);
    EXPECT_EQ(json["files"][0]["damage"]["bad_chunks"], 1);
    EXPECT_EQ(json["files"][1]["damage"]["trailer_missing"], true);
    EXPECT_FALSE(json["files"][2]["error"].get<std::string>().empty());
}

TEST_F(InspectCommand, AViewOfADamagedFileShowsWhatIsThereAndSaysSo) {
    const std::string file = write("unfinished.pgcap", shop_capture(), false);
    const Outcome outcome = run({file, "--json"});
    EXPECT_EQ(outcome.exit_code, kPassed);
    EXPECT_EQ(Json::parse(outcome.out)["complete"], false);
    EXPECT_EQ(Json::parse(outcome.out)["exchanges"], 6);
    EXPECT_EQ(outcome.err.find("understudy: " + file + ": not complete"), 0U);
    EXPECT_NE(run({file}).out.find("NOT COMPLETE: no trailer"), std::string::npos);
}

TEST_F(InspectCommand, RefusesWhatItCannotReadInOneLine) {
    const Bytes bytes = read(write("shop.pgcap", shop_capture()));
    Bytes newer = bytes;
    newer[8] = 99;
    fs::create_directory(path("empty"));
    const std::vector<std::string> bad = {path("none.pgcap"), path("empty"),
                                          write_bytes("text.pgcap", "hello, this is no capture"),
                                          write_bytes("newer.pgcap", newer)};
    for (const std::string& file : bad) {
        const Outcome outcome = run({file, "--json"});
        EXPECT_EQ(outcome.exit_code, kEnvironment) << file;
        EXPECT_EQ(outcome.out, "");
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
        EXPECT_NE(outcome.err.find(file), std::string::npos) << outcome.err;
    }
}

TEST_F(InspectCommand, RefusesWrongUsage) {
    EXPECT_EQ(run({}).exit_code, kUsage);
    EXPECT_EQ(run({"x", "--what", "everything"}).exit_code, kUsage);
    EXPECT_EQ(run({"x", "--what", "sessions", "--verify"}).exit_code, kUsage);
    EXPECT_EQ(run({"x", "--limit", "-1"}).exit_code, kUsage);
}

}  // namespace
}  // namespace understudy::app::inspect
