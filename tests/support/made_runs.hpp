#pragma once

#include <cstdint>
#include <string>

#include "compare/history/run_record.hpp"

namespace understudy::testing {

/// The moment of a night: 03:00 UTC on the day `night` days after 2026-01-01.
Timestamp night_time(int night);

/// A run of that night, with `findings` findings and `statements` statements that were asked and have times; every text has
/// characters that a store could spoil.
compare::RunRecord made_run(int night, const std::string& job = "nightly", int findings = 2, int statements = 3);

/// "0000000000000007" …
std::string made_fingerprint(int number);

}  // namespace understudy::testing
