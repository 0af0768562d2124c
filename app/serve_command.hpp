#pragma once

namespace CLI {
class App;
}

namespace understudy::app {

/// As the functions of command.hpp.
void add_serve_command(CLI::App& app, int& exit_code);

}  // namespace understudy::app
