#pragma once

#include <string>

#include "compare/report/report.hpp"
#include "schema/check/check_report.hpp"

namespace understudy::app {

/// What a check found in the form of a comparison's report, for its writers (JUnit, SARIF, HTML …): differences that
/// the servers showed as findings, predictions as findings that say so, the migration and what was checked as sections.
compare::Report check_as_report(const schema::CheckReport& check, const std::string& migration);

}  // namespace understudy::app
