#pragma once

#include "compare/report/report.hpp"

namespace understudy::compare {

/// Adds to the report of fresh sessions (opened after the migration) that of held ones (opened before it, with their
/// statements prepared): each finding says in which it was seen. Coverage, noise and timeline stay those of the fresh
/// ones; what could be doubted of the held ones is said.
void add_held(Report& report, Report held);

/// Lets the sections speak for the verdict: one that failed makes it divergent, else one that is inconclusive makes it
/// that. Call it when all sections are there.
void judge_sections(Report& report);

/// Adds one more section to a judged report, and lets it speak for the verdict as the others did.
void add_section(Report& report, Section section);

}  // namespace understudy::compare
