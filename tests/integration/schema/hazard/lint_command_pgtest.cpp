#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/integration/schema/check/check_fixture.hpp"

// `understudy lint` as it is called.
namespace understudy::schema {
namespace {

class LintCommand : public CheckTest {
protected:
    testing::CommandOutput run(const std::string& sql, const std::string& arguments) {
        std::ofstream(directory_.file("m.sql")) << sql;
        return testing::run_command(
            fmt::format("{} lint {} {}", UNDERSTUDY_BINARY, directory_.file("m.sql"), arguments));
    }
    std::string target() { return fmt::format("--target '{}'", cluster().conninfo(baseline_)); }
    nlohmann::json report() const {
        std::ifstream file(directory_.file("lint.json"));
        return nlohmann::json::parse(file);
    }
};

TEST_F(LintCommand, NamesTheSizeTheTrafficAndTheStatementsInUse) {
    cluster().psql(
        "insert into orders select g, null, repeat('x', 100), 1 from generate_series(1, 150000) g; analyze orders",
        baseline_);
    CaptureScript script(directory_.file("prod.pgcap"));
    script.open("app");
    for (int i = 0; i < 40; ++i) script.query("select note from orders where id = 7");
    for (int i = 0; i < 10; ++i) script.query("update orders set total = 1 where id = 7");
    script.finish();
    const auto output =
        run("set lock_timeout = '2s';\nalter table orders alter customer type bigint;\n"
            "alter table orders drop column note;\n",
            fmt::format("{} --capture {} --json {}", target(), directory_.file("prod.pgcap"),
                        directory_.file("lint.json")));
    EXPECT_EQ(output.exit_code, 1) << output.out;
    const nlohmann::json found = report();
    EXPECT_EQ(found["verdict"], "findings");
    EXPECT_EQ(found["traffic_calls"], 50);
    const nlohmann::json& rewrite = found["hazards"][0];
    EXPECT_EQ(rewrite["kind"], "rewrite") << output.out;
    EXPECT_EQ(rewrite["severity"], "stalls");
    EXPECT_EQ(rewrite["line"], 2);
    EXPECT_EQ(rewrite["lock"], "ACCESS EXCLUSIVE");
    EXPECT_EQ(rewrite["rows"], 150000);
    EXPECT_GT(rewrite["bytes"], 20'000'000);
    EXPECT_GT(rewrite["calls_waiting_per_second"], 0);
    EXPECT_NE(output.out.find("breaks: 1 recorded statement (40 calls"), std::string::npos) << output.out;
    // Nothing was executed.
    EXPECT_EQ(cluster().psql("select count(note) from orders", baseline_), "150000\n");
}

TEST_F(LintCommand, PassesWithZeroAndSaysWhatItDoesNotKnow) {
    const auto output = run("set lock_timeout = '2s';\ncreate table fresh (id int primary key);\n", "");
    EXPECT_EQ(output.exit_code, 0) << output.out;
    EXPECT_TRUE(output.out.starts_with("PASSED")) << output.out;
    EXPECT_NE(output.out.find("none asked"), std::string::npos);
    const auto newer = run("merge into a using b on true when matched then do nothing returning a.id;\n", target());
    EXPECT_EQ(newer.exit_code, 0) << newer.out;
    EXPECT_NE(newer.out.find("Not understood, so not judged: 1"), std::string::npos) << newer.out;
}

TEST_F(LintCommand, WrongCallsAndMissingFiles) {
    EXPECT_EQ(testing::run_command(fmt::format("{} lint", UNDERSTUDY_BINARY)).exit_code, 2);
    EXPECT_EQ(testing::run_command(fmt::format("{} lint {}", UNDERSTUDY_BINARY, directory_.file("none.sql"))).exit_code,
              4);
    EXPECT_EQ(run("select 1", "--target 'host=127.0.0.1 port=1 dbname=x'").exit_code, 4);
    EXPECT_EQ(run("vacuum orders", target() + " --one-transaction").exit_code, 1);
}

}  // namespace
}  // namespace understudy::schema
