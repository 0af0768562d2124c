#pragma once

#include <string>

#include "app/replay/selection_options.hpp"
#include "replay/run/engine.hpp"

namespace understudy::app {

/// The options of `understudy replay` that hold all sessions while something is done to the target, as given.
struct PauseFlags {
    std::string at;
    std::string run;
    std::string wait = "10s";
    bool warm = false;
    bool may_fail = false;
    bool let_transactions_end = false;
};

/// What of a capture a replay plays, and where it pauses.
struct ReplayChoice {
    SelectionFlags selection;
    PauseFlags pause;
    std::string resume;  ///< answers of an interrupted replay; empty: none
};

void add_choice_options(CLI::App& command, ReplayChoice& choice);

/// Fills in what the engine is to select, as far as that needs no target. Errors: Errc::usage; those of reading.
Result<void> choose(const ReplayChoice& choice, const std::vector<std::string>& files, replay::EngineOptions& engine);

/// And the rest: the functions of the target, reached as `control` says, and the pause, for which the capture is read
/// once or twice. `target` is told to the command, without a password; after it `digester`, which outlives the engine,
/// learns the types that the target has then. Errors: those of connecting and reading; Errc::usage where nothing comes
/// after the pause.
Result<void> complete_choice(const ReplayChoice& choice, const std::vector<std::string>& files,
                             const std::string& control, const std::string& target, Digester& digester,
                             replay::EngineOptions& engine);

/// What was left out, copied and held, as counters of the answers' file: "replay.left_out.exchanges.read_only",
/// "replay.held_sessions", "replay.held_fingerprint.0123456789abcdef" …
void add_choice_counters(const replay::EngineOptions& engine, const replay::EngineOutcome& outcome,
                         const replay::ReplayStats& stats, std::map<std::string, std::uint64_t>& counters);
/// The same for people; empty where all was replayed as it is.
std::string choice_summary(const replay::EngineOptions& engine, const replay::EngineOutcome& outcome,
                           const replay::ReplayStats& stats);

}  // namespace understudy::app
