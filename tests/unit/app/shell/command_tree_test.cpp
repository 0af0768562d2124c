#include "app/shell/command_tree.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace understudy::app {
namespace {

/// A program whose texts try to be more than text.
class Shell : public ::testing::Test {
protected:
    Shell() : app_("A program", "prog") {
        auto* run = app_.add_subcommand("run-it", "Runs 'it': [all] of it\nand more");
        run->add_option("what", what_, ".TH is no request here")->required();
        run->add_option("-t,--target", target_, "'quoted' \\fB and `ticks`")->type_name("URL");
        run->add_flag("--dry", dry_, "Only say");
        run->add_option("--secret", target_, "Not for everybody")->group("");
        auto* group = run->add_option_group("modes");
        group->add_flag("--fast", dry_, "Faster");
        run->footer("A remark.\nExamples:\n  prog run-it $(x) --target 'a b'");
        app_.add_subcommand("hidden", "Not shown")->group("");
    }
    CLI::App app_;
    std::string what_, target_;
    bool dry_ = false;
};

TEST_F(Shell, TreeHasWhatHelpHas) {
    const CommandTree tree = command_tree(app_);
    ASSERT_EQ(tree.subcommands.size(), 1U);
    const CommandTree& run = tree.subcommands[0];
    EXPECT_EQ(run.name(), "prog run-it");
    std::vector<std::string> flags;
    for (const CommandOption& option : run.options) {
        flags.insert(flags.end(), option.flags.begin(), option.flags.end());
        if (option.flags.empty()) {
            EXPECT_EQ(option.name, "what");
            EXPECT_TRUE(option.required);
        }
        if (!option.flags.empty() && option.flags.back() == "--target") {
            EXPECT_EQ(option.value, "URL");
        }
        if (!option.flags.empty() && option.flags.back() == "--dry") {
            EXPECT_EQ(option.value, "");
        }
    }
    EXPECT_EQ(flags, (std::vector<std::string>{"-h", "--help", "-t", "--target", "--dry", "--fast"}));
}

TEST_F(Shell, ManualPagesAreText) {
    const auto pages = manual_pages(command_tree(app_), "1.2");
    ASSERT_EQ(pages.size(), 2U);
    EXPECT_EQ(pages[1].file, "prog-run-it.1");
    const std::string& text = pages[1].text;
    EXPECT_NE(text.find("\n\\&.TH is no request here\n"), std::string::npos) << text;
    EXPECT_NE(text.find("\\&\\(aqquoted\\(aq \\efB and \\(gaticks\\(ga\n"), std::string::npos) << text;
    EXPECT_NE(text.find(".SH EXAMPLES\n.EX\n  prog run\\-it $(x)"), std::string::npos) << text;
}

TEST_F(Shell, ScriptsQuoteDescriptions) {
    const std::string zsh = zsh_completion(command_tree(app_));
    EXPECT_NE(zsh.find("'run-it:Runs '\\''it'\\''\\: \\[all\\] of it'"), std::string::npos) << zsh;
    EXPECT_EQ(zsh.find("and more"), std::string::npos);
    const std::string bash = bash_completion(command_tree(app_));
    EXPECT_NE(bash.find("'prog run-it')\n            words='-h --help -t --target --dry --fast'\n"
                        "            valued='-t --target'"),
              std::string::npos)
        << bash;
}

}  // namespace
}  // namespace understudy::app
