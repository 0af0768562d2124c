#pragma once

#include <string>

#include "compare/report/report.hpp"
#include "core/base/error.hpp"
#include "schema/fidelity/certificate.hpp"

namespace understudy::app {

/// A certificate that `fidelity --json` wrote. Errors: those of the file, naming it.
Result<schema::fidelity::Certificate> read_certificate_file(const std::string& path);

/// What a certificate means for a rehearsal on the staging that it is of: a gate that differs makes it inconclusive.
compare::Section fidelity_section(const schema::fidelity::Certificate& certificate);

/// Puts the section before the others of a report whose own sections are judged already, and judges it.
void add_fidelity(compare::Report& report, compare::Section section);

}  // namespace understudy::app
