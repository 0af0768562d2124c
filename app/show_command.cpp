#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/compare/compared_capture.hpp"
#include "app/compare/rules_file.hpp"
#include "app/history/show_run.hpp"
#include "compare/report/outward.hpp"

namespace understudy::app {
namespace {

using compare::Side;

struct ShowOptions {
    std::string finding;  ///< or a run
    HistoryPlace place;
    std::string job;
    bool json = false;
    std::string report;
    bool values = false;
    Keys keys;
};

/// A name as the report has it, or beside the report where that does not lead to a file.
std::string found_from(const std::string& report, const std::string& name) {
    std::error_code ignored;
    if (name.empty() || std::filesystem::exists(name, ignored)) return name;
    const auto beside = std::filesystem::path(report).parent_path() / name;
    return std::filesystem::exists(beside, ignored) ? beside.string() : name;
}

/// The captures that a JSON report was made of, by side.
Result<compare::PerSide<std::string>> captures_of(const std::string& path) {
    UNDERSTUDY_TRY(const auto text, read_text_file(path));
    const auto json = nlohmann::json::parse(text, nullptr, false);
    compare::PerSide<std::string> paths;
    const bool report = json.is_object() && json.contains("inputs") && json["inputs"].is_array() && json.contains("findings") &&
                        json.contains("format_version") && json["format_version"].is_number_unsigned();
    if (report && json["format_version"] > compare::kReportFormatVersion) {
        return make_error(Errc::malformed, fmt::format("{} is of a newer version of Understudy", path));
    }
    if (!report) {
        return make_error(Errc::malformed, fmt::format("{} is no report of understudy compare --json", path));
    }
    for (const auto& input : json["inputs"]) {
        if (!input.is_object() || !input.contains("role") || !input.contains("name")) continue;
        for (std::size_t i = 0; i < compare::kSides; ++i) {
            if (input["role"] == to_string(static_cast<Side>(i)) && input["name"].is_string()) paths[i] = input["name"];
        }
    }
    if (paths[index_of(Side::baseline)].empty() || paths[index_of(Side::candidate)].empty()) {
        return make_error(Errc::malformed, fmt::format("{} names no baseline and candidate", path));
    }
    for (std::string& capture : paths) capture = found_from(path, capture);
    return paths;
}

const compare::Finding* find(const compare::Report& report, const std::string& id) {
    for (const auto* places : {&report.findings, &report.expected_places, &report.unconfirmed_places,
                               &report.downstream_places, &report.noise_places}) {
        for (const compare::Finding& finding : *places) {
            if (finding.id == id) return &finding;
        }
    }
    return nullptr;
}

Result<int> run(ShowOptions& options) {
    if (options.report.empty() && !looks_like_finding(options.finding)) {
        return show_run(options.place, options.finding, options.job, options.json);
    }
    if (options.report.empty()) {
        return make_error(Errc::usage, "a finding is shown from its report: say --report report.json (a run's id looks like "
                                       "20261128T031205000Z-1f3a)");
    }
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(const auto paths, captures_of(options.report));
    compare::PerSide<std::unique_ptr<ComparedCapture>> captures;
    compare::Inputs inputs{};
    for (std::size_t i = 0; i < compare::kSides; ++i) {
        if (paths[i].empty()) continue;
        UNDERSTUDY_TRY(captures[i], ComparedCapture::open(paths[i], options.keys));
        inputs[i] = captures[i].get();
    }
    UNDERSTUDY_TRY(auto report, compare::compare_captures(inputs, {}));
    if (!options.values) {
        const auto& key = captures[index_of(Side::baseline)]->digest_key();
        report = compare::outward(std::move(report), Digester(key ? *key : DigestKey::generate()));
    }
    const compare::Finding* finding = find(report, options.finding);
    if (finding == nullptr) {
        return make_error(Errc::usage, fmt::format("the captures of {} have no finding {} (ids look like f1a2b3c4)",
                                                   options.report, options.finding));
    }
    fmt::print("{}", compare::finding_text(*finding));
    return kPassed;
}

}  // namespace

void add_show_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("show", "Show one finding of a comparison, with its values if asked for, or a kept run");
    auto options = std::make_shared<ShowOptions>();
    command
        ->add_option("finding", options->finding,
                     "Its id, as the reports have it; or a run of a history: its id, last, last~N, release, or a release's name")
        ->required();
    command->add_option("--report", options->report,
                        "For a finding: the report that compare --json wrote; its captures are read again");
    command->add_option("--job", options->job, "For a run: the job that last and release are of");
    command->add_flag("--json", options->json, "For a run: its report as JSON (docs/report.md)");
    add_place_options(*command, options->place);
    command->add_flag("--values", options->values, "Values of requests and rows in place of placeholders");
    add_key_option(*command, options->keys);
    command->footer(
        "Examples:\n"
        "  understudy show f1a2b3c4 --report report.json --values\n"
        "  understudy show 20261128T031205000Z-1f3a --history ~/understudy\n"
        "  understudy show last --json");
    command->callback([options, &exit_code] {
        const auto result = run(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
