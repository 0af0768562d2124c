#pragma once

namespace CLI {
class App;
}

namespace understudy::app {

/// `schema diff`.
void add_schema_diff_command(CLI::App& schema, int& exit_code);

}  // namespace understudy::app
