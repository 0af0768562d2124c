#pragma once

#include <cstdint>
#include <string_view>

#include "compare/analysis/cause.hpp"

namespace understudy::compare {

/// What a finding means for the applications that ask. Worst first.
enum class Severity : std::uint8_t {
    breaking,      ///< a call fails that did not, or its answer has lost what it was asked for
    wrong_answer,  ///< the call is answered, with other data
    risky,         ///< it works for most clients: other types, more columns, a refusal that is no more
    cosmetic,      ///< what only people read
};
inline constexpr std::size_t kSeverities = 4;

/// "breaking", "wrong answer", "risky", "cosmetic".
std::string_view to_string(Severity severity);
Severity severity_of(const Divergence& divergence, Cause cause);

}  // namespace understudy::compare
