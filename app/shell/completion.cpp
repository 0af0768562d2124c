#include <fmt/format.h>

#include "app/shell/command_tree.hpp"

namespace understudy::app {
namespace {

/// For single quotes in a shell.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

/// One line, with what zsh's _arguments and _describe take for their own escaped.
std::string zsh_text(const std::string& text) {
    std::string out;
    for (const char c : text.substr(0, text.find('\n'))) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

/// A case for each command: what can follow it, and which of its options want a value.
void add_bash_cases(std::string& out, const CommandTree& tree) {
    std::vector<std::string> words, with_value;
    for (const CommandTree& command : tree.subcommands) words.push_back(command.path.back());
    for (const CommandOption& option : tree.options) {
        for (const std::string& flag : option.flags) {
            words.push_back(flag);
            if (!option.value.empty()) with_value.push_back(flag);
        }
    }
    out += fmt::format(
        "        {})\n            words={}\n            valued={}\n            branch={}\n            ;;\n",
        quoted(tree.name()), quoted(joined(words)), quoted(joined(with_value)), tree.subcommands.empty() ? "" : "1");
    for (const CommandTree& command : tree.subcommands) add_bash_cases(out, command);
}

/// Names of all commands that have commands, so that the words before the cursor can be followed down.
void add_parents(std::string& out, const CommandTree& tree) {
    for (const CommandTree& command : tree.subcommands) {
        out +=
            fmt::format("            {}) path=\"$path $word\" ;;\n", quoted(tree.name() + " " + command.path.back()));
        add_parents(out, command);
    }
}

std::string zsh_function(const CommandTree& tree) {
    std::string name;
    for (const std::string& word : tree.path) name += "_" + word;
    for (char& c : name) c = c == '-' ? '_' : c;
    return name;
}

std::string zsh_option(const CommandOption& option) {
    const std::string text = zsh_text(option.description);
    const std::string value = option.value.empty() ? "" : fmt::format(":{}:_files", zsh_text(option.value));
    if (option.flags.empty()) return " \\\n        " + quoted(fmt::format("*:{}:_files", zsh_text(option.name)));
    std::string out;
    for (const std::string& flag : option.flags) {
        out += " \\\n        " + quoted(fmt::format("*{}[{}]{}", flag, text, value));
    }
    return out;
}

void add_zsh_functions(std::string& out, const CommandTree& tree) {
    for (const CommandTree& command : tree.subcommands) add_zsh_functions(out, command);
    out += zsh_function(tree) + "() {\n";
    if (tree.subcommands.empty()) {
        out += "    _arguments -S";
        for (const CommandOption& option : tree.options) out += zsh_option(option);
        out += "\n}\n\n";
        return;
    }
    out += "    local -a commands\n    local state line\n    commands=(\n";
    for (const CommandTree& command : tree.subcommands) {
        out += "        " + quoted(command.path.back() + ":" + zsh_text(command.description)) + "\n";
    }
    out += "    )\n    _arguments -C";
    for (const CommandOption& option : tree.options) {
        if (!option.flags.empty()) out += zsh_option(option);
    }
    out +=
        " \\\n        '1:command:->command' '*::argument:->arguments'\n    case $state in\n"
        "        command) _describe command commands ;;\n        arguments)\n            case $line[1] in\n";
    for (const CommandTree& command : tree.subcommands) {
        out += fmt::format("                {}) {} ;;\n", command.path.back(), zsh_function(command));
    }
    out += "            esac\n            ;;\n    esac\n}\n\n";
}

}  // namespace

std::string bash_completion(const CommandTree& program) {
    const std::string& name = program.path.front();
    std::string out = fmt::format("# Completion of {0} for bash; written by `{0} completion bash`.\n_{0}() {{\n", name);
    out += fmt::format(
        "    local current=${{COMP_WORDS[COMP_CWORD]}} path={} words= valued= branch= word\n"
        "    for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n        case \"$path $word\" in\n",
        quoted(name));
    add_parents(out, program);
    out += "        esac\n    done\n    case $path in\n";
    add_bash_cases(out, program);
    out += fmt::format(
        "    esac\n"
        "    COMPREPLY=()\n"
        "    case \" $valued \" in\n"
        "        *\" ${{COMP_WORDS[COMP_CWORD-1]}} \"*) return ;;\n"
        "    esac\n"
        "    # Of a command without commands, what is no option is a file's name.\n"
        "    [[ $branch || $current == -* ]] && mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "}}\n"
        "complete -o bashdefault -o default -F _{0} {0}\n",
        name);
    return out;
}

std::string zsh_completion(const CommandTree& program) {
    const std::string& name = program.path.front();
    std::string out =
        fmt::format("#compdef {0}\n# Completion of {0} for zsh; written by `{0} completion zsh`.\n\n", name);
    add_zsh_functions(out, program);
    return out + zsh_function(program) + " \"$@\"\n";
}

}  // namespace understudy::app
