#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace understudy::app {

/// An option or an argument of a command, as its --help has it.
struct CommandOption {
    std::vector<std::string> flags;  ///< "-t", "--target"; empty: an argument, told by its place
    std::string name;                ///< of an argument
    std::string value;               ///< placeholder of its value, "TEXT"; empty: it has none
    std::string description;
    bool required = false;
};

/// A command with its subcommands: what shell completions and manual pages are written from.
struct CommandTree {
    std::vector<std::string> path;  ///< "understudy", "schema", "diff"
    std::string description;
    std::string footer;  ///< remarks, "Examples:" and lines of examples
    std::vector<CommandOption> options;
    std::vector<CommandTree> subcommands;

    [[nodiscard]] std::string name() const;  ///< "understudy schema diff"
};

/// Of the program, or of one of its commands. `parents`: names above it.
CommandTree command_tree(const CLI::App& app, std::vector<std::string> parents = {});

/// A script that bash (4.2 or newer) reads: commands, options, and file names where a value is wanted.
std::string bash_completion(const CommandTree& program);
/// A script for a directory of zsh's fpath, to be named _understudy.
std::string zsh_completion(const CommandTree& program);

struct ManualPage {
    std::string file;  ///< "understudy-schema-diff.1"
    std::string text;  ///< groff, with the man macros (groff_man(7))
};
/// One of the program and one of each command that does something. `version`: for the page's foot.
std::vector<ManualPage> manual_pages(const CommandTree& program, const std::string& version);

}  // namespace understudy::app
