#pragma once

#include "app/keys.hpp"
#include "compare/comparison.hpp"

namespace understudy::app {

inline constexpr std::uint32_t kMaxCompareJobs = 64;

/// As many as there are processors, four at most: each job unpacks the whole of all captures, and decodes and compares
/// its share of the sessions.
std::uint32_t default_compare_jobs();

/// compare_part() of the captures at `paths`, on `jobs` threads which share its sessions; the result is that of one.
/// `baseline_key`: the key of the baseline's digests, where it can be found. Errors: those of opening and comparing.
Result<compare::ComparisonPart> compare_in_jobs(const compare::PerSide<std::string>& paths, const Keys& keys,
                                                const compare::ComparisonOptions& options, std::uint32_t jobs,
                                                std::optional<DigestKey>& baseline_key);

}  // namespace understudy::app
