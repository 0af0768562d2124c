#include "app/shell/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace understudy::app {
namespace {

CommandOption option_of(const CLI::Option& from) {
    CommandOption option;
    for (const std::string& name : from.get_snames()) option.flags.push_back("-" + name);
    for (const std::string& name : from.get_lnames()) option.flags.push_back("--" + name);
    option.name = from.get_name(true);
    if (from.get_items_expected_max() > 0 && from.get_type_size_max() > 0) {
        option.value = from.get_type_name().empty() ? "VALUE" : from.get_type_name();
    }
    option.description = from.get_description();
    option.required = from.get_required();
    return option;
}

/// Groups of options are commands without a name, whose options are those of the command above.
void add_contents(CommandTree& tree, const CLI::App& app) {
    for (const CLI::Option* option : app.get_options()) {
        const bool help_again = app.get_name().empty() && option == app.get_help_ptr();
        const bool hidden = option->get_group().empty();
        if (!hidden && !help_again) tree.options.push_back(option_of(*option));
    }
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (command->get_group().empty()) continue;
        if (command->get_name().empty()) {
            add_contents(tree, *command);
        } else {
            tree.subcommands.push_back(command_tree(*command, tree.path));
        }
    }
}

}  // namespace

std::string CommandTree::name() const {
    std::string text;
    for (const std::string& word : path) text += (text.empty() ? "" : " ") + word;
    return text;
}

CommandTree command_tree(const CLI::App& app, std::vector<std::string> parents) {
    CommandTree tree;
    tree.path = std::move(parents);
    tree.path.push_back(app.get_name());
    tree.description = app.get_description();
    tree.footer = app.get_footer();
    add_contents(tree, app);
    return tree;
}

}  // namespace understudy::app
