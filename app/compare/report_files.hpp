#pragma once

#include <string>
#include <string_view>

#include "compare/report/report.hpp"
#include "core/base/error.hpp"

namespace CLI {
class App;
}

namespace understudy::app {

/// Where a report is written besides the terminal. Empty: not at all.
struct ReportFiles {
    std::string json;
    std::string html;
    std::string junit;
    std::string sarif;
    std::string markdown;
    std::string github;
};

/// All but --json, which some commands write in a form of their own.
void add_report_form_options(CLI::App& command, ReportFiles& files);
void add_report_options(CLI::App& command, ReportFiles& files);

/// Writes those that were asked for. Errors: Errc::io.
Result<void> write_reports(const ReportFiles& files, const compare::Report& report);

/// Whole or not at all, and for its owner only. A device, a pipe, or what is below /dev is written as it is. Errors: Errc::io.
Result<void> write_private_file(const std::string& path, std::string_view text);

/// Whole or not at all; the mode stays as it was, and so does a link to the file. Errors: Errc::io.
Result<void> replace_file(const std::string& path, std::string_view text);

}  // namespace understudy::app
