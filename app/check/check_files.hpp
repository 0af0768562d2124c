#pragma once

#include "app/compare/report_files.hpp"
#include "compare/report/report.hpp"
#include "core/exchange/result_digest.hpp"

namespace understudy::app {

/// Where a check's findings are written in the forms of a comparison's report; its JSON is its own.
struct CheckFiles {
    ReportFiles files;
    bool include_values = false;

    [[nodiscard]] bool any() const;
};

void add_check_file_options(CLI::App& command, CheckFiles& files);

/// Writes what was asked for. `migration`: a file, at whose lines findings are placed; a directory or empty, at none.
/// Values of statements are placeholders unless they were asked for. Errors: Errc::io.
Result<void> write_check_files(const CheckFiles& files, compare::Report report, const std::string& migration);

}  // namespace understudy::app
