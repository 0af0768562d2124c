#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "app/command.hpp"
#include "app/compare/report_files.hpp"
#include "app/rehearse/config_file.hpp"

namespace understudy::app {
namespace {

Result<int> run_init(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        return make_error(Errc::usage, fmt::format("{} is there already: it was left as it is", path));
    }
    UNDERSTUDY_CHECK(replace_file(path, config_template()));
    fmt::print("{} written: fill in capture, target and migration, then run understudy rehearse\n", path);
    return kPassed;
}

}  // namespace

void add_init_command(CLI::App& app, int& exit_code) {
    auto path = std::make_shared<std::string>("understudy.yaml");
    CLI::App* command =
        app.add_subcommand("init", "Write an understudy.yaml with comments, for rehearse without arguments");
    command->add_option("file", *path, "The file to write; an existing one is left alone")->capture_default_str();
    command->footer("Example:\n  understudy init && $EDITOR understudy.yaml && understudy rehearse --plan");
    command->callback([path, &exit_code] {
        const Result<int> result = run_init(*path);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
