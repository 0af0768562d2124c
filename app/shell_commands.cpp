#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "app/command.hpp"
#include "app/shell/command_tree.hpp"

namespace understudy::app {
namespace {

Result<void> write_manual(const CommandTree& program, const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return make_error(Errc::io, fmt::format("cannot make {}: {}", folder, error.message()));
    for (const ManualPage& page : manual_pages(program, UNDERSTUDY_VERSION)) {
        std::ofstream file(folder + "/" + page.file, std::ios::binary);
        file << page.text;
        if (!file.flush()) return make_error(Errc::io, fmt::format("cannot write {}/{}", folder, page.file));
    }
    return {};
}

}  // namespace

void add_completion_command(CLI::App& app, int&) {
    auto shell = std::make_shared<std::string>();
    auto* command = app.add_subcommand("completion", "Print what makes a shell complete this program's commands and options");
    command->add_option("shell", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
    command->footer(
        "Examples:\n"
        "  understudy completion bash >/etc/bash_completion.d/understudy\n"
        "  understudy completion zsh >/usr/local/share/zsh/site-functions/_understudy");
    command->callback([&app, shell] {
        const CommandTree program = command_tree(app);
        fmt::print("{}", *shell == "bash" ? bash_completion(program) : zsh_completion(program));
    });
}

void add_manual_command(CLI::App& app, int& exit_code) {
    auto folder = std::make_shared<std::string>();
    auto* command = app.add_subcommand("manual", "Write the manual pages of all commands");
    command->add_option("folder", *folder, "Where they go; it is made if it is not there")->required();
    command->footer("Examples:\n  understudy manual ~/.local/share/man/man1 && man understudy-rehearse");
    command->callback([&app, &exit_code, folder] {
        const auto written = write_manual(command_tree(app), *folder);
        if (!written) exit_code = fail(written.error());
    });
}

}  // namespace understudy::app
