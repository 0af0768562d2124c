#pragma once

#include <string>
#include <vector>

#include "compare/report/report.hpp"

namespace CLI {
class App;
}

namespace understudy::app {

/// --rules, --accept and what goes with them.
struct RulesFile {
    static constexpr const char* kDefault = "understudy.yaml";  ///< read when it is there

    std::string path;
    std::vector<std::string> accept;  ///< ids of findings
    std::string reason;
    std::string owner;
    std::string expires;
};

void add_rules_options(CLI::App& command, RulesFile& file);

/// The rules; none when no file was named and the default is not there. Errors: Errc::io, Errc::malformed; Errc::usage
/// when --accept lacks what a rule needs, or its last day is past at `now`.
Result<compare::RuleSet> load_rules(const RulesFile& file, Timestamp now);

/// Writes a rule for each finding of --accept, and says so on standard error. Errors: Errc::usage when the report has no
/// such finding; Errc::io, Errc::malformed.
Result<void> accept_findings(const RulesFile& file, const compare::Report& report);

/// A file's text. Errors: Errc::io.
Result<std::string> read_text_file(const std::string& path);

}  // namespace understudy::app
