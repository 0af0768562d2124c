#include "app/compare/rules_file.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/compare/report_files.hpp"
#include "compare/rules/read_rules.hpp"

namespace understudy::app {
namespace {

std::string path_of(const RulesFile& file) { return file.path.empty() ? std::string(RulesFile::kDefault) : file.path; }

bool there(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

const compare::Finding* find(const compare::Report& report, const std::string& id) {
    for (const auto* places : {&report.findings, &report.unconfirmed_places}) {
        for (const compare::Finding& finding : *places) {
            if (finding.id == id) return &finding;
        }
    }
    return nullptr;
}

}  // namespace

void add_rules_options(CLI::App& command, RulesFile& file) {
    command.add_option("--rules", file.path,
                       "Expected divergences, ignored columns and tolerances (docs/rules.md; default: understudy.yaml, when "
                       "it is there)");
    command.add_option("--accept", file.accept,
                       "Write a rule into that file which sets this finding apart from the next comparison on; needs "
                       "--reason, --owner and --expires");
    command.add_option("--reason", file.reason, "Why the accepted finding is meant");
    command.add_option("--owner", file.owner, "Whom to ask about it");
    command.add_option("--expires", file.expires, "The last day on which the rule holds: 2027-01-31");
}

Result<std::string> read_text_file(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return make_error(Errc::io, path + " is a directory");
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || (file.peek() != std::ifstream::traits_type::eof() && !(text << file.rdbuf()))) {
        return make_error(Errc::io, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    }
    return text.str();
}

Result<compare::RuleSet> load_rules(const RulesFile& file, Timestamp now) {
    if (!file.accept.empty() && (file.reason.empty() || file.owner.empty() || file.expires.empty())) {
        return make_error(Errc::usage, "--accept needs --reason, --owner and --expires: an excuse has all three");
    }
    if (file.accept.empty() && !(file.reason.empty() && file.owner.empty() && file.expires.empty())) {
        return make_error(Errc::usage, "--reason, --owner and --expires go with --accept");
    }
    if (!file.expires.empty()) {
        UNDERSTUDY_TRY(const Timestamp day, compare::parse_day(file.expires));
        if (day <= now) return make_error(Errc::usage, file.expires + " is past: the rule would excuse nothing");
    }
    const std::string path = path_of(file);
    if ((file.path.empty() || !file.accept.empty()) && !there(path)) return compare::RuleSet{};
    UNDERSTUDY_TRY(const auto text, read_text_file(path));
    return compare::read_rules(text, path);
}

Result<void> accept_findings(const RulesFile& file, const compare::Report& report) {
    if (file.accept.empty()) return {};
    const std::string path = path_of(file);
    std::string text;
    if (there(path)) {
        UNDERSTUDY_TRY(text, read_text_file(path));
    }
    for (const std::string& id : file.accept) {
        const compare::Finding* finding = find(report, id);
        if (finding == nullptr) {
            return make_error(Errc::usage, fmt::format("no finding {}: ids stand in the reports (f1a2b3c4)", id));
        }
        compare::Rule rule;
        rule.finding = id;
        rule.fingerprint = finding->fingerprint;
        rule.kind = to_string(finding->kind);
        rule.place = finding->place;
        rule.sqlstate = finding->sqlstate;
        rule.reason = file.reason;
        rule.owner = file.owner;
        UNDERSTUDY_TRY(rule.expires, compare::parse_day(file.expires));
        UNDERSTUDY_TRY(text, compare::with_rule(text, path, rule));
    }
    UNDERSTUDY_CHECK(replace_file(path, text));
    fmt::print(stderr, "accepted {} in {}: the next comparison sets {} apart until {}\n", fmt::join(file.accept, ", "), path,
               file.accept.size() == 1 ? "it" : "them", file.expires);
    return {};
}

}  // namespace understudy::app
