#pragma once

#include <string>

#include "compare/report/report.hpp"

namespace understudy::compare {

// The report in the forms that other programs read. None of them asks whether values may be shown: give them an
// outward() report where they may not. All are UTF-8, whatever bytes the report holds, and end with a newline.

/// One page that needs nothing from a network.
std::string to_html(const Report& report);

/// JUnit XML as Jenkins and GitLab read it: each finding is a failed test, doubts about the verdict are an error.
std::string to_junit(const Report& report);

/// SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), each finding a result. With the migration's file
/// name in the report, results are located at the line that is to blame, as far as that is known.
std::string to_sarif(const Report& report);

/// Workflow commands that GitHub shows as annotations, a line each.
std::string to_github(const Report& report);

inline constexpr std::size_t kMaxMarkdown = 65'000;
/// A summary for a pull request; shorter than kMaxMarkdown characters.
std::string to_markdown(const Report& report);

}  // namespace understudy::compare
