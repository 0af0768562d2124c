#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/keys.hpp"
#include "compare/latency/latency_report.hpp"

namespace CLI {
class App;
}

namespace understudy::app {

/// --latency, --pair and --explain-….
struct LatencyRuns {
    bool wanted = false;
    std::vector<std::pair<std::string, std::string>> pairs;  ///< further ones: baseline, candidate
    std::string explain_baseline;                            ///< connection strings; empty: no plans
    std::string explain_candidate;

    [[nodiscard]] bool any() const { return wanted || !pairs.empty(); }
};

void add_latency_options(CLI::App& command, LatencyRuns& runs);

/// Reads the pair that is compared and the further ones, and asks for the plans of what got slower, where that is
/// wanted. Errors: those of the captures, Errc::io of the servers.
Result<compare::LatencyReport> latency_of(const LatencyRuns& runs, const std::string& baseline,
                                          const std::string& candidate, const Keys& keys);

}  // namespace understudy::app
