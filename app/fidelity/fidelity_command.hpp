#pragma once

namespace CLI {
class App;
}

namespace understudy::app {

/// `fidelity`, with its `fidelity snapshot`.
void add_fidelity_command(CLI::App& app, int& exit_code);

}  // namespace understudy::app
