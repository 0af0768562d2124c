#pragma once

#include <optional>

#include "capture/log/line_prefix.hpp"

namespace understudy::capture {

struct PrefixGuess {
    LinePrefix prefix;
    std::size_t lines = 0;    ///< that have a severity
    std::size_t matched = 0;  ///< of these
};

/// Guesses a log's log_line_prefix from its beginning: tries the prefixes of managed services, distributions and log
/// analysers, and those that the lines' own content suggests (times, "[4711]", "user=", "10.0.0.7(51234)" …), and takes
/// the one that reads most lines. Nothing when none reads half of the lines. A text that no label explains is taken for
/// a literal where it is the same in all lines, otherwise for the application's name.
std::optional<PrefixGuess> guess_line_prefix(BytesView beginning);

}  // namespace understudy::capture
