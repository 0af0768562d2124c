#pragma once

#include <string>
#include <vector>

#include "app/keys.hpp"
#include "core/base/error.hpp"
#include "replay/plan/selection.hpp"

namespace understudy::app {

/// The options of `understudy replay` that choose what of a capture is replayed, as given.
struct SelectionFlags {
    std::string from;
    std::string to;
    std::string sessions;
    std::vector<std::string> users;
    std::vector<std::string> databases;
    std::vector<std::string> fingerprints;
    std::vector<std::string> tables;
    bool read_only = false;
    unsigned scale = 1;
};

void add_selection_options(CLI::App& command, SelectionFlags& flags);

/// The first instant of a capture, from which relative times count; unknown for an empty one.
Result<Timestamp> capture_start(const std::vector<std::string>& files, const store::KeyRing& keys);

/// What was asked for, without the functions of the target that --read-only needs. Errors: Errc::usage.
Result<replay::SelectionOptions> selection_of(const SelectionFlags& flags, Timestamp start);

/// The choice in words, for a file's description: ", --user shop, --read-only". Empty where all is replayed.
std::string describe(const SelectionFlags& flags);

/// What was left out, a line each, for people; empty where nothing was.
std::string left_out_text(const replay::LeftOutCounts& counts);

}  // namespace understudy::app
