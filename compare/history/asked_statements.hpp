#pragma once

#include <set>
#include <string>

#include "compare/event_source.hpp"

namespace understudy::compare {

/// Fingerprints of all that was asked in a capture, whether it succeeded or not.
struct AskedStatements {
    static constexpr std::size_t kMax = 20'000;
    std::set<std::string> fingerprints;
    bool complete = true;  ///< false: there were more than kMax, or statements whose text is not known
};

/// Reads a capture to its end. Errors: those of the source.
Result<AskedStatements> read_asked(EventSource& source);

}  // namespace understudy::compare
