#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/integration/schema/check/check_fixture.hpp"

// `understudy check` as it is called.
namespace understudy::schema {
namespace {

class CheckCommand : public CheckTest {
protected:
    CheckCommand() : capture_(directory_.file("prod.pgcap")), json_(directory_.file("check.json")) {
        CaptureScript script(capture_);
        script.open("app");
        script.query("select id, note from orders");
        script.query("select id from customer");
        script.finish();
    }

    testing::CommandOutput run(const std::string& arguments) {
        return testing::run_command(fmt::format("{} check {}", UNDERSTUDY_BINARY, arguments));
    }
    std::string both() const {
        return fmt::format("--baseline '{}' --candidate '{}'", cluster().conninfo(baseline_),
                           cluster().conninfo(candidate_));
    }
    nlohmann::json report() const {
        std::ifstream file(json_);
        return nlohmann::json::parse(file);
    }

    std::string capture_;
    std::string json_;
};

TEST_F(CheckCommand, PassesWithZero) {
    const auto output = run(capture_ + " " + both() + " --json " + json_);
    EXPECT_EQ(output.exit_code, 0) << output.out;
    EXPECT_TRUE(output.out.starts_with("PASSED")) << output.out;
    EXPECT_EQ(report()["verdict"], "passed");
    EXPECT_EQ(report()["checked"], 2);
}

TEST_F(CheckCommand, EndsWithOneForAFinding) {
    migrate("alter table orders drop column note");
    const auto output = run(capture_ + " " + both() + " --json " + json_);
    EXPECT_EQ(output.exit_code, 1) << output.out;
    EXPECT_NE(output.out.find("column \"note\" does not exist"), std::string::npos) << output.out;
    EXPECT_EQ(report()["findings"][0]["kind"], "error_appeared");
    EXPECT_EQ(std::filesystem::status(json_).permissions(), std::filesystem::perms(0600));
    EXPECT_FALSE(std::filesystem::exists(json_ + ".partial"));
}

TEST_F(CheckCommand, EndsWithThreeWhenTooLittleIsChecked) {
    EXPECT_EQ(run(capture_ + " " + both() + " --database nowhere").exit_code, 3);
}

TEST_F(CheckCommand, EndsWithFourWhenSomethingIsNotThere) {
    const auto down = run(capture_ + fmt::format(" --baseline '{}' --candidate 'host=127.0.0.1 port=1 user=u dbname=d'",
                                                 cluster().conninfo(baseline_)));
    EXPECT_EQ(down.exit_code, 4) << down.out;
    EXPECT_TRUE(down.out.starts_with("understudy: candidate host=127.0.0.1 port=1 user=u dbname=d: cannot connect"))
        << down.out;
    EXPECT_EQ(run("/nowhere.pgcap " + both()).exit_code, 4);
    const auto unwritable = run(capture_ + " " + both() + " --json /nowhere/check.json");
    EXPECT_EQ(unwritable.exit_code, 4) << unwritable.out;
}

TEST_F(CheckCommand, EndsWithTwoForAWrongCall) {
    EXPECT_EQ(run(capture_).exit_code, 2);
    EXPECT_EQ(run(capture_ + " " + both() + " --min-coverage 101").exit_code, 2);
    EXPECT_EQ(run(capture_ + " --baseline 'nonsense' --candidate 'host=x'").exit_code, 2);
}

}  // namespace
}  // namespace understudy::schema
