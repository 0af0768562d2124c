#include <fmt/format.h>

#include "app/shell/command_tree.hpp"

namespace understudy::app {
namespace {

/// Text as groff reads it literally: groff_char(7), and no line that begins with a request.
std::string roff(const std::string& text) {
    std::string out;
    bool line_start = true;
    for (const char c : text) {
        if (line_start && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else if (c == '\'') {
            out += "\\(aq";
        } else if (c == '`') {
            out += "\\(ga";
        } else if (c == '^') {
            out += "\\(ha";
        } else if (c == '~') {
            out += "\\(ti";
        } else {
            out += c;
        }
        line_start = c == '\n';
    }
    return out;
}

std::string hyphenated(const CommandTree& tree) {
    std::string text;
    for (const std::string& word : tree.path) text += (text.empty() ? "" : "-") + word;
    return text;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string synopsis(const CommandTree& tree) {
    std::string out = fmt::format(".SY {}\n", roff(tree.name()));
    if (!tree.subcommands.empty()) out += ".I COMMAND\n";
    for (const CommandOption& option : tree.options) {
        if (option.flags.empty()) {
            out += option.required ? ".I " + roff(option.name) + "\n" : ".RI [ " + roff(option.name) + " ]\n";
        } else if (option.required) {
            out += fmt::format(".BI {} \\ {}\n", roff(option.flags.back()), roff(option.value));
        }
    }
    return out + ".RI [ OPTION ...]\n.YS\n";
}

std::string options(const CommandTree& tree) {
    std::string out;
    for (const CommandOption& option : tree.options) {
        out += ".TP\n";
        if (option.flags.empty()) {
            out += fmt::format(".I {}\n", roff(option.name));
        } else {
            std::string flags;
            for (const std::string& flag : option.flags) flags += (flags.empty() ? "\\fB" : "\\fR, \\fB") + roff(flag);
            out += flags + "\\fR" + (option.value.empty() ? "" : " \\fI" + roff(option.value) + "\\fR") + "\n";
        }
        out += roff(option.description.empty() ? "See above." : option.description) + "\n";
    }
    return out.empty() ? "" : ".SH OPTIONS\n" + out;
}

/// Remarks as they are; what follows "Examples:" as examples.
std::string footer(const CommandTree& tree) {
    static constexpr std::string_view kExamples = "Examples:\n";
    const std::size_t at = tree.footer.find(kExamples);
    const std::string remarks = tree.footer.substr(0, at);
    std::string out;
    if (!remarks.empty()) out += ".SH NOTES\n.nf\n" + roff(remarks) + (remarks.back() == '\n' ? "" : "\n") + ".fi\n";
    if (at != std::string::npos) {
        out += ".SH EXAMPLES\n.EX\n" + roff(tree.footer.substr(at + kExamples.size())) + "\n.EE\n";
    }
    return out;
}

std::string commands(const CommandTree& tree) {
    std::string out;
    for (const CommandTree& command : tree.subcommands) {
        out += fmt::format(".TP\n.BR {} (1)\n{}\n", roff(hyphenated(command)), roff(first_line(command.description)));
    }
    return out.empty() ? "" : ".SH COMMANDS\n" + out;
}

void add_pages(std::vector<ManualPage>& pages, const CommandTree& tree, const std::string& version) {
    std::string upper = hyphenated(tree);
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    std::string text =
        fmt::format(".\\\" Written by `understudy manual`.\n.TH {} 1 \"\" \"understudy {}\" \"Understudy\"\n",
                    roff(upper), version);
    text += fmt::format(".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}", roff(hyphenated(tree)),
                        roff(first_line(tree.description)), synopsis(tree));
    text += ".SH DESCRIPTION\n" + roff(tree.description) + "\n" + commands(tree) + options(tree) + footer(tree);
    if (tree.path.size() > 1) text += fmt::format(".SH SEE ALSO\n.BR {} (1)\n", roff(tree.path.front()));
    pages.push_back({hyphenated(tree) + ".1", std::move(text)});
    for (const CommandTree& command : tree.subcommands) add_pages(pages, command, version);
}

}  // namespace

std::vector<ManualPage> manual_pages(const CommandTree& program, const std::string& version) {
    std::vector<ManualPage> pages;
    add_pages(pages, program, version);
    return pages;
}

}  // namespace understudy::app
