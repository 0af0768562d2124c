#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/copies/database_copies.hpp"
#include "app/rehearse/rehearse_options.hpp"

namespace understudy::app {

/// Where the runs of a rehearsal play: each begins with the target's state as it was found.
class Stage {
public:
    virtual ~Stage() = default;
    /// Sets the stage for a run ("baseline", "candidate" …); gives the connection string to play at.
    virtual Result<std::string> begin(const std::string& run) = 0;
    /// The run is over.
    virtual Result<void> end() = 0;
    /// Whether the database was made for the run, by us.
    [[nodiscard]] virtual bool own_scratch() const = 0;
    /// For --plan.
    [[nodiscard]] virtual std::string describe() const = 0;
};

/// How copies of the target are made, and what is known of production for their interlock. Errors: Errc::usage.
Result<CopyOptions> copy_options(const RehearseOptions& options, std::uint64_t recorded_identifier,
                                 const std::function<bool()>& stop);

/// template: a copy of the target by CREATE DATABASE … TEMPLATE for each run. command: the target itself, which
/// --reset-command restores before each run. none: the target itself, as the run before left it. Errors: Errc::usage,
/// Errc::refused by the interlock, Errc::io.
Result<std::unique_ptr<Stage>> make_stage(const RehearseOptions& options, std::uint64_t recorded_identifier,
                                          const std::function<bool()>& stop);

}  // namespace understudy::app
