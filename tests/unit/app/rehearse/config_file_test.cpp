#include "app/rehearse/config_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace understudy::app {
namespace {

/// A command with one option of each sort, and a file that sets them.
class ConfigFile : public ::testing::Test {
protected:
    void SetUp() override {
        path_ = ::testing::TempDir() + "understudy-config-test.yaml";
        command_ = app_.add_subcommand("rehearse");
        command_->add_option("capture", capture_);
        command_->add_option("--target", target_);
        command_->add_option("--max-stall", stall_);
        command_->add_option("--allow", allow_);
        command_->add_flag("--no-held", no_held_);
    }
    Result<void> apply(const std::string& text, const std::vector<std::string>& line = {"rehearse"}) {
        std::ofstream(path_) << text;
        app_.parse(std::vector<std::string>(line.rbegin(), line.rend()));
        return apply_config(*command_, path_, true);
    }

    CLI::App app_;
    CLI::App* command_ = nullptr;
    std::string path_, capture_, target_, stall_ = "1s";
    std::vector<std::string> allow_;
    bool no_held_ = false;
};

TEST_F(ConfigFile, SetsWhatTheCommandLineLeftOut) {
    ASSERT_TRUE(apply("rehearse:\n  capture: a.pgcap\n  target: host=x dbname=y\n  max-stall: 3s\n  allow: [one, two]\n"
                      "  no-held: true\ncompare:\n  min_coverage: 5\n",
                      {"rehearse", "--max-stall", "2s"}));
    EXPECT_EQ(capture_, "a.pgcap");
    EXPECT_EQ(target_, "host=x dbname=y");
    EXPECT_EQ(stall_, "2s") << "the command line goes first";
    EXPECT_EQ(allow_, (std::vector<std::string>{"one", "two"}));
    EXPECT_TRUE(no_held_);
}

TEST_F(ConfigFile, AFlagThatSaysFalseIsNotSet) {
    ASSERT_TRUE(apply("rehearse:\n  no-held: false\n"));
    EXPECT_FALSE(no_held_);
}

TEST_F(ConfigFile, RefusesWhatItDoesNotKnowWithItsLine) {
    const auto unknown = apply("rehearse:\n  max-stall: 1s\n  max-stal: 1s\n");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Errc::usage);
    EXPECT_NE(unknown.error().message.find(":3: 'max-stal'"), std::string::npos) << unknown.error().message;
}

TEST_F(ConfigFile, RefusesPasswords) {
    for (const char* target : {"host=x password=secret", "postgresql://app:secret@staging/shop"}) {
        const auto refused = apply(std::string("rehearse:\n  target: ") + target + "\n");
        ASSERT_FALSE(refused) << target;
        EXPECT_EQ(refused.error().message.find("secret"), std::string::npos) << "it is not repeated";
    }
    EXPECT_TRUE(apply("rehearse:\n  target: postgresql://app@staging:5433/shop\n"));
}

TEST_F(ConfigFile, SaysWhatIsNoYaml) {
    for (const char* text : {"rehearse: [", "rehearse: 5", "rehearse:\n  allow:\n    deep: 1\n"}) {
        const auto refused = apply(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, Errc::malformed) << text;
    }
}

TEST_F(ConfigFile, AFileThatIsNotThereIsOnlyMissedWhenNamed) {
    EXPECT_TRUE(apply_config(*command_, path_ + ".none", false));
    EXPECT_FALSE(apply_config(*command_, path_ + ".none", true));
}

}  // namespace
}  // namespace understudy::app
