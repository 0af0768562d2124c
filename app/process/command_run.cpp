#include "app/process/command_run.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "app/process/programs.hpp"

namespace understudy::app {

std::string failure_text(const std::string& command, const CommandEnd& end) {
    constexpr std::size_t kShown = 300;
    std::string text = fmt::format("{} ended with exit code {}", command, end.exit_code);
    if (!end.last_line.empty()) text += ": " + end.last_line.substr(0, kShown);
    return text;
}

Result<CommandEnd> run_command(const std::string& command,
                               const std::vector<std::pair<std::string, std::string>>& variables,
                               const std::function<bool()>& stop) {
    CommandEnd end;
    const auto show = [&end](std::string_view line) {
        fmt::print(stderr, "run: {}\n", line);
        if (line.find_first_not_of(" \t\r") != std::string_view::npos) end.last_line = line;
    };
    UNDERSTUDY_TRY(const auto ends, run_pipeline({Program{{"/bin/sh", "-c", command}, variables}}, stop, show));
    end.exit_code = ends.back().exit_code;
    end.stopped = ends.back().stopped;
    return end;
}

}  // namespace understudy::app
