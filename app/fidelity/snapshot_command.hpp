#pragma once

namespace CLI {
class App;
}

namespace understudy::app {

/// `fidelity snapshot`.
void add_fidelity_snapshot_command(CLI::App& fidelity, int& exit_code);

}  // namespace understudy::app
